declare module '../events/events.ts' {
  interface EventMap {
    /** Somebody closed a connection of somebody else, who may come back. Whichever process has it closes it. */
    'realtime.client-disconnected': {
      readonly connectionId: string;
      /** Whose it was: one of these. */
      readonly userId?: string;
      readonly deviceId?: string;
      readonly apiKeyId?: string;
      /** In the words of whoever did it. */
      readonly reason: string;
    };
  }
}
