import { Alert, Button, Stack, TextField } from "@mui/material";
import type { FormEvent } from "react";
import { useNavigate } from "react-router";
import { useAddParcel } from "./parcels";

export function NewParcelPage() {
  const add = useAddParcel();
  const navigate = useNavigate();

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const parcel = {
      recipient: String(form.get("recipient")),
      country: String(form.get("country")).toUpperCase(),
      grams: Number(form.get("grams")),
    };
    add.mutate(parcel, { onSuccess: () => navigate("/") });
  }

  return (
    <Stack component="form" spacing={2} onSubmit={submit}>
      {add.error && <Alert severity="error">{add.error.message}</Alert>}
      <TextField name="recipient" label="Recipient" required />
      <TextField name="country" label="Country" required slotProps={{ htmlInput: { maxLength: 2 } }} />
      <TextField name="grams" label="Weight in grams" type="number" required />
      <Button type="submit" variant="contained" disabled={add.isPending}>
        Send
      </Button>
    </Stack>
  );
}
