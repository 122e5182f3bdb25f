/**
 * Takes a list in link format (RFC 6690 §2) apart at its commas; those in `<…>` and `"…"` are part of a link. EMQX 4
 * takes it apart at the first comma only.
 * @returns each link as the device wrote it, without the blanks around it
 */
export function splitLinks(text: string): string[] {
  const links: string[] = [];
  let start = 0;
  /** The character that ends what a comma has no meaning in. */
  let until: string | undefined;
  for (let at = 0; at < text.length; at++) {
    const character = text.charAt(at);
    if (until !== undefined) {
      if (character === '\\' && until === '"') at++;
      else if (character === until) until = undefined;
    } else if (character === '<') until = '>';
    else if (character === '"') until = '"';
    else if (character === ',') {
      links.push(text.slice(start, at));
      start = at + 1;
    }
  }
  links.push(text.slice(start));
  return links.map((link) => link.trim()).filter((link) => link !== '');
}
