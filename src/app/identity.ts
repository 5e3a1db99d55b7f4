import { type AccountMail, NO_ACCOUNT_MAIL } from '../auth/account-mail-service.ts';
import { ERASURE_REACTOR } from '../auth/erasure.ts';
import { EmailTakenError, UsernameTakenError } from '../auth/errors.ts';
import type { FirstAdmin } from '../auth/first-admin.ts';
import {
  startAccountMail,
  startAccountTokenCleanup,
  startFailureRetention,
  startKeyRefresh,
  startTokenCleanup,
} from '../auth/jobs.ts';
import { createSealer } from '../auth/sealing.ts';
import { type AuthServices, createAuth } from '../auth/service.ts';
import { revokeFeedsOf } from '../booking/calendar-feed-service.ts';
import { giveBackSlots } from '../booking/departure.ts';
import { ConfigError } from '../config-error.ts';
import { startReactor } from '../events/reactor.ts';
import type { Logger } from '../lib/logger.ts';
import { startMailroom } from '../mail/mailroom.ts';
import { fileTransport, smtpTransport } from '../mail/transport.ts';
import { forgetMessagesTo } from '../notification/channel-departure.ts';
import { forgetNotifications } from '../notification/departure.ts';
import { leaveParking } from '../parking/departure.ts';
import { giveUpDevices } from '../signage/device-service.ts';
import { closeWalletsOf } from '../wallet/wallet-service.ts';
import { authSettingsOf } from './auth-settings.ts';
import type { Ground } from './ground.ts';

/** Who may ask, the mail that takes, and what time does about it. @throws KeyDecryptionError */
export async function startIdentity(
  ground: Ground,
): Promise<{ readonly auth: AuthServices; readonly mail: AccountMail }> {
  const { config, db, log, runWork, onError, running } = ground;
  const mail = startMail(ground);
  const auth = await createAuth({
    ...authSettingsOf(config),
    db,
    runWork,
    mail,
    // What is refunded comes back to a wallet that is still open.
    beforeDeletion: [
      leaveParking,
      giveBackSlots,
      giveUpDevices,
      closeWalletsOf,
      forgetMessagesTo,
      forgetNotifications,
    ],
    beforeTakeover: [revokeFeedsOf],
    onError,
  });
  const keyRefresh = running.add(startKeyRefresh({ reloadKeys: auth.reloadKeys, onError }));
  const erasure = running.add(startReactor(ERASURE_REACTOR, { runWork, onError }));
  log.events.add(({ type }) => {
    if (type === 'auth.key-rotated') keyRefresh.wake();
    if (type === 'auth.user-deleted') erasure.wake();
  });
  running.add(startAccountTokenCleanup({ runWork, onError }));
  running.add(startTokenCleanup({ runWork, onError }));
  running.add(startFailureRetention({ runWork, onError, retentionMs: config.lockOut.windowMs }));
  return { auth, mail };
}

/** What the outbox is sealed for. */
const MAIL_PURPOSE = 'mail';

/** Mail and the accounts that cause it. */
function startMail({ config, db, runWork, logger, onError, running }: Ground): AccountMail {
  const { mail: settings, accountUrl } = config;
  if (!settings) {
    logger.warn('no mail leaves this server, so nobody can reset a password by himself: set SMTP_URL');
    return NO_ACCOUNT_MAIL;
  }
  const transport = settings.kind === 'SMTP' ? smtpTransport(settings) : fileTransport(settings);
  const sealer = createSealer(config, MAIL_PURPOSE);
  const mailroom = running.add(startMailroom({ runWork, sealer, transport, onError }));
  const requests = running.add(startAccountMail({ db, runWork, mail: { mailroom, accountUrl }, onError }));
  return { mailroom, accountUrl, requested: requests.wake };
}

/**
 * Makes him at the first start, and nothing at a later one, whatever the settings say then.
 *
 * @throws ConfigError
 */
export async function ensureFirstAdmin(
  firstAdmin: FirstAdmin,
  { auth, logger }: { readonly auth: AuthServices; readonly logger: Logger },
): Promise<void> {
  try {
    if (await auth.createFirstAdmin(firstAdmin))
      logger.info('the first ADMIN was made: he chooses another password before anything else');
  } catch (error) {
    if (error instanceof UsernameTakenError)
      throw new ConfigError(['DEFAULT_USERNAME: somebody who is no ADMIN has this name']);
    if (error instanceof EmailTakenError)
      throw new ConfigError(['DEFAULT_EMAIL: somebody who is no ADMIN has this address']);
    throw error;
  }
}

/**
 * A password from the settings of another start is good until its owner chooses one, so what production refuses in
 * its own settings it does not find in the database either.
 *
 * @throws ConfigError
 */
export async function refuseGuessablePasswords(auth: AuthServices): Promise<void> {
  const names = await auth.guessableAccounts();
  if (names.length === 0) return;
  throw new ConfigError(
    names.map(
      (name) =>
        `DEFAULT_PASSWORD: ${name} still has the one of an earlier start, which anybody hits on: start once on this computer alone without NODE_ENV=production and change it, or make another ADMIN with \`floorwire users create\` and lock ${name} with \`floorwire users lock\``,
    ),
  );
}
