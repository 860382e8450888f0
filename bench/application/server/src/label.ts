import sharp from "sharp";
import type { Parcel } from "./parcel.js";

const ESCAPES: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

export async function label(parcel: Parcel): Promise<Buffer> {
  const text = `${parcel.recipient}, ${parcel.country}`.replace(/[&<>"]/g, (character) => ESCAPES[character]);
  const drawing = `<svg xmlns="http://www.w3.org/2000/svg" width="600" height="400">
    <rect width="600" height="400" fill="white" stroke="black" stroke-width="8"/>
    <text x="40" y="120" font-size="40">${text}</text>
    <text x="40" y="340" font-size="24">${parcel.id}</text>
  </svg>`;
  return sharp(Buffer.from(drawing)).png().toBuffer();
}
