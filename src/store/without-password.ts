/** The text without the password of the address, however it is written in it. */
export function withoutPassword(text: string, url: string): string {
  const parsed = URL.parse(url);
  const passwords = [parsed?.password ?? '', ...(parsed?.searchParams.getAll('password') ?? [])];
  const written = passwords.flatMap((each) => [each, tryDecoding(each)]).filter((each) => each !== '');
  return [url, ...written].reduce((left, each) => left.replaceAll(each, '…'), text);
}

function tryDecoding(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
