/** Who is there, by name. Of any number of names only those that somebody has are kept. */
export interface Attendance<Member> {
  /** Is there under each of these names. */
  enter(member: Member, names: readonly string[]): void;
  leave(member: Member, names: readonly string[]): void;
  of(name: string): ReadonlySet<Member>;
}

export function createAttendance<Member>(): Attendance<Member> {
  const members = new Map<string, Set<Member>>();
  const nobody: ReadonlySet<Member> = new Set();
  return {
    enter(member, names) {
      for (const name of names) members.set(name, (members.get(name) ?? new Set()).add(member));
    },
    leave(member, names) {
      for (const name of names) {
        const own = members.get(name);
        own?.delete(member);
        if (own?.size === 0) members.delete(name);
      }
    },
    of: (name) => members.get(name) ?? nobody,
  };
}
