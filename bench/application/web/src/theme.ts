import { createTheme } from "@mui/material";

export const theme = createTheme({
  palette: { primary: { main: "#00695c" }, secondary: { main: "#ef6c00" } },
});
