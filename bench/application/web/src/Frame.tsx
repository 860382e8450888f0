import { AppBar, Button, Container, Toolbar, Typography } from "@mui/material";
import { Link, Outlet } from "react-router";

export function Frame() {
  return (
    <>
      <AppBar position="static">
        <Toolbar>
          <Typography variant="h6" component={Link} to="/" color="inherit" sx={{ flexGrow: 1 }}>
            Parcels
          </Typography>
          <Button component={Link} to="/new" color="inherit">
            New parcel
          </Button>
        </Toolbar>
      </AppBar>
      <Container sx={{ py: 4 }}>
        <Outlet />
      </Container>
    </>
  );
}
