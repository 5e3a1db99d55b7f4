/** A part of a layout: where it lies on the canvas, and what it shows. */
export interface Region {
  /** Its own within the layout: 1 to 32 lower-case letters, digits and hyphens. */
  readonly id: string;
  readonly name: string;
  /** Its upper left corner and its size, in pixels of the canvas. */
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  /** What lies above: 0 to 999, the higher the nearer. */
  readonly z: number;
  readonly content: Content;
}

/** What a region shows. */
export type Content =
  | { readonly kind: 'TEXT'; readonly text: string }
  | { readonly kind: 'MEDIA'; readonly mediaId: string }
  | { readonly kind: 'PLAYLIST'; readonly playlistId: string }
  | { readonly kind: 'LIVE'; readonly binding: Binding };

/** A value of the venue that a region shows as it is now. */
export type Binding =
  | { readonly kind: 'METER'; readonly machineId: string; readonly meter: string }
  | { readonly kind: 'JACKPOT'; readonly jackpotId: string }
  | { readonly kind: 'OCCUPANCY'; readonly lotId: string }
  | { readonly kind: 'SLOT_BOARD'; readonly resourceId: string }
  | { readonly kind: 'CHANNEL'; readonly channel: string };
