/** A stand-in for a whole part of which a test uses these members alone. Any other member fails the test that reaches for it. */
export function partOf<Part extends object>(members: Partial<Part>): Part {
  return new Proxy(members, {
    get(target, name, receiver) {
      if (!(name in target)) throw new Error(`This test did not expect .${String(name)} to be used.`);
      return Reflect.get(target, name, receiver);
    },
  }) as Part;
}
