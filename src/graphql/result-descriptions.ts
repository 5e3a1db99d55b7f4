/** Of the fields that every mutation's success and every error have. */
export const successDescription = 'Always true: what is not done is answered with an error.';
export const messageDescription = 'What happened, in English, for a person.';

/** Of the password that somebody who is signed in shows once more. */
export const ownPasswordDescription =
  'The password of the caller; left out by who has none (`viewer { hasPassword }`) and signed in less than ten minutes ago (FreshSignInRequiredError).';
