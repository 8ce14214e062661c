/** The page's font, for what is drawn and does not inherit. */
export const FONT = '"Inter", system-ui, sans-serif';
