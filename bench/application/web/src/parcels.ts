import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";

export interface NewParcel {
  recipient: string;
  country: string;
  grams: number;
}

export interface Parcel extends NewParcel {
  id: string;
  cents: number;
  sent: string;
}

async function call<T>(path: string, options?: RequestInit): Promise<T> {
  const response = await fetch(`/api/${path}`, { headers: { "Content-Type": "application/json" }, ...options });
  if (!response.ok) throw new Error(`The server answered ${response.status}`);
  return (await response.json()) as T;
}

export function useParcels() {
  return useQuery({ queryKey: ["parcels"], queryFn: () => call<Parcel[]>("parcels") });
}

export function useAddParcel() {
  const queries = useQueryClient();
  return useMutation({
    mutationFn: (parcel: NewParcel) => call<Parcel>("parcels", { method: "POST", body: JSON.stringify(parcel) }),
    onSuccess: () => queries.invalidateQueries({ queryKey: ["parcels"] }),
  });
}
