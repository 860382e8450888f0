import { Alert, LinearProgress, Paper, Stack, Table, TableBody, TableCell, TableHead, TableRow } from "@mui/material";
import { Bar, BarChart, ResponsiveContainer, Tooltip, XAxis, YAxis } from "recharts";
import { lastDays } from "./days";
import { day, money, weight } from "./format";
import { type Parcel, useParcels } from "./parcels";

export function ParcelsPage() {
  const { data, error } = useParcels();
  if (error) return <Alert severity="error">{error.message}</Alert>;
  if (!data) return <LinearProgress />;
  return (
    <Stack spacing={4}>
      <Chart parcels={data} />
      <List parcels={data} />
    </Stack>
  );
}

function Chart({ parcels }: { parcels: Parcel[] }) {
  return (
    <ResponsiveContainer height={200}>
      <BarChart data={lastDays(parcels, new Date())}>
        <XAxis dataKey="day" />
        <YAxis allowDecimals={false} />
        <Tooltip />
        <Bar dataKey="parcels" fill="#00695c" />
      </BarChart>
    </ResponsiveContainer>
  );
}

function List({ parcels }: { parcels: Parcel[] }) {
  return (
    <Paper>
      <Table>
        <TableHead>
          <TableRow>
            {["Recipient", "Country", "Weight", "Price", "Sent"].map((title) => (
              <TableCell key={title}>{title}</TableCell>
            ))}
          </TableRow>
        </TableHead>
        <TableBody>
          {parcels.map((parcel) => (
            <TableRow key={parcel.id}>
              <TableCell>{parcel.recipient}</TableCell>
              <TableCell>{parcel.country}</TableCell>
              <TableCell>{weight(parcel.grams)}</TableCell>
              <TableCell>{money(parcel.cents)}</TableCell>
              <TableCell>{day(parcel.sent)}</TableCell>
            </TableRow>
          ))}
        </TableBody>
      </Table>
    </Paper>
  );
}
