// @ts-check

const lookEveryMs = 150;

/**
 * Opens a sign-in button's page as Teams does, and waits until it has brought a code or was closed.
 * Must be called from a click, else browsers block the window.
 * @param {string} url
 * @returns {Promise<{ code: string } | { cancelled: true } | { blocked: true }>}
 */
export function openSignInWindow(url) {
  const opened = window.open(url, '_blank', 'popup,width=520,height=680');
  if (!opened) return Promise.resolve({ blocked: true });
  return new Promise((resolve) => {
    const timer = setInterval(() => {
      const code = codeIn(opened);
      if (code === undefined && !opened.closed) return;
      clearInterval(timer);
      opened.close();
      resolve(code === undefined ? { cancelled: true } : { code });
    }, lookEveryMs);
  });
}

/** The window shares this page's origin only while it is at the bot's pages. @param {Window} opened */
function codeIn(opened) {
  try {
    return opened.location.pathname === '/auth/end' ? opened.document.body?.dataset.state : undefined;
  } catch {
    return undefined;
  }
}
