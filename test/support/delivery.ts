/**
 * What is wrong with a delivery, one line each: the log's ids in order against those that arrived.
 * Nothing is, when each entry of the log arrived once, in its place, and nothing else did.
 */
export function faultsOfDelivery(delivered: readonly string[], logged: readonly string[]): string[] {
  const placeOf = new Map(logged.map((id, place) => [id, place]));
  const seen = new Set<string>();
  const faults: string[] = [];
  let last = -1;
  for (const id of delivered) {
    const place = placeOf.get(id);
    if (place === undefined) faults.push(`${id} arrived and is not in the log`);
    else if (seen.has(id)) faults.push(`${id} arrived again`);
    else if (place < last) faults.push(`${id} arrived after ${logged[last]}, before which it happened`);
    seen.add(id);
    last = Math.max(last, place ?? last);
  }
  for (const id of logged) if (!seen.has(id)) faults.push(`${id} never arrived`);
  return faults;
}

/**
 * What is wrong with a log, one line each: what callers were told is done must be in it, each once, and
 * what one caller was told first is before what he was told next.
 */
export function faultsOfLog(
  logged: readonly string[],
  acknowledged: readonly (readonly string[])[],
): string[] {
  const placesOf = new Map<string, number[]>();
  logged.forEach((id, place) => {
    const places = placesOf.get(id);
    if (places) places.push(place);
    else placesOf.set(id, [place]);
  });
  return acknowledged.flatMap((ofOneCaller) => {
    let last = -1;
    return ofOneCaller.flatMap((id) => {
      const [place, again] = placesOf.get(id) ?? [];
      if (place === undefined) return [`${id} was acknowledged and is lost`];
      if (again !== undefined) return [`${id} was acknowledged once and happened twice`];
      const before = last;
      last = Math.max(last, place);
      return place < before ? [`${id} happened before ${logged[before]}, which was acknowledged first`] : [];
    });
  });
}
