/** Of the fields that every mutation's success and every error have. */
export const successDescription = 'Always true: what is not done is answered with an error.';
export const messageDescription = 'What happened, in English, for a person.';
