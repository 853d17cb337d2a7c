/** BCP 47 tag of the editor's language, which the host writes into `<html lang>`. English where there is no page. */
export const locale = (typeof document === "undefined" ? "" : document.documentElement.lang) || "en";
