// @ts-check
import { chatName, readAddress, writeAddress } from './address.js';
import { drawChatList } from './chat-list.js';
import { startComposeBox } from './compose-box.js';
import { byId, element } from './element.js';
import { drawHappenings, drawTokens } from './happenings-panel.js';
import { drawCardJson, noteDelivery, showRequests } from './inspector.js';
import { refreshSeenCards } from './message.js';
import { createModel } from './model.js';
import { drawPane, hideTyping, putMessage, showTyping } from './pane.js';
import { isPlain, registerPictures, setPlain } from './pictures.js';
import { ask, followEvents, loadState } from './sandbox-api.js';
import { startTheme } from './theme.js';
import { announce, showProblem, showToast } from './toasts.js';
import { startTour } from './tour.js';

/** @type {Record<string, string>} */
const roles = {
  full: 'may sync',
  readOnly: 'read only',
  scopeLimited: 'some tokens only',
  none: 'no Intune role',
  guest: 'guest from elsewhere',
};
const keptPerson = 'rehearsal-person';
const keptPhone = 'rehearsal-phone';
/** One view at a time, as layout.css has it. */
const narrow = matchMedia('(max-width: 760px)');

/** @type {ReturnType<typeof createModel>} */
let model;
let stopFollowing = () => {};

/** @param {import('./address.js').Place} place */
async function goTo({ person, chat }) {
  const state = await loadState(person);
  const key = person ?? state.people[0]?.key ?? '';
  stopFollowing();
  model = createModel(state, key);
  const open = chat && model.keyCalled(chat);
  if (open) model.open(open);
  document.body.classList.toggle('in-chat', Boolean(open));
  writeAddress(open ? { person: key, chat } : { person: key });
  localStorage.setItem(keptPerson, key);
  drawPeople();
  if (!byId('panel-body').hasChildNodes()) drawHappenings(() => model, reloadTokens);
  drawTokens(model);
  drawAll();
  stopFollowing = followEvents(key, onEvent);
}

function drawPeople() {
  const { people } = model.state;
  const option = (/** @type {import('./sandbox-api.js').Person} */ { key, name, role, tenant }) =>
    element('option', { value: key }, `${name} · ${roles[role] ?? role} · ${tenant}`);
  const select = /** @type {HTMLSelectElement} */ (byId('person'));
  select.replaceChildren(...people.map(option));
  select.value = model.person;
}

function drawAll() {
  drawChatList(model, openChat);
  drawPane(model, send);
  drawInspector();
  refreshOwnViews();
}

function refreshOwnViews() {
  const me = model.state.people.find(({ key }) => key === model.person);
  if (me) refreshSeenCards(model.current().messages, model.person, me.teamsId);
}

/** @param {string} key */
function openChat(key) {
  model.open(key);
  writeAddress({ person: model.person, chat: chatName(model.current()) });
  document.body.classList.add('in-chat');
  hideTyping();
  drawChatList(model, openChat);
  drawPane(model, send);
  drawInspector();
  refreshOwnViews();
  byId('words').focus();
}

/** @param {string} text @param {string} [replyToThread] */
function send(text, replyToThread) {
  const { key, kind } = model.current();
  const mentioned = replyToThread !== undefined || byId('mention').getAttribute('aria-pressed') === 'true';
  const mention = kind !== 'personal' && mentioned;
  ask('say', { person: model.person, conversation: key, text, mention, replyToThread });
}

async function reloadTokens() {
  model.state.tokens = (await loadState(model.person)).tokens;
  drawTokens(model);
}

/** @param {import('./sandbox-api.js').Happened} event */
function onEvent(event) {
  if (event.kind === 'reconnected' || event.kind === 'reset') goTo(readAddress());
  else if (event.kind === 'request') drawRequests();
  else if (event.kind === 'delivery') onDelivery(event);
  else if (event.kind === 'typing') {
    if (event.conversation === model.current().key) showTyping();
  } else if (event.kind === 'toast') showToast('VPP Sync', event.text);
  else onMessage(event.kind, event.message);
}

/** @param {import('./sandbox-api.js').Delivery} delivery */
function onDelivery(delivery) {
  noteDelivery(delivery);
  if (delivery.problem) showProblem(`${delivery.what}: ${delivery.problem}`, delivery.body || undefined);
}

/** @param {string} kind @param {import('./sandbox-api.js').Message} message */
function onMessage(kind, message) {
  const isNew = model.put(message);
  const isOpen = message.conversation === model.current().key;
  drawChatList(model, openChat);
  if (isOpen) {
    putMessage(model, message, send);
    drawInspector();
    refreshOwnViews();
  }
  if (message.author.key !== 'bot' || message.isHidden) return;
  if (isOpen) hideTyping();
  const where = model.find(message.conversation)?.name ?? '';
  if (isNew && !isOpen)
    showToast(`VPP Sync in ${where}`, message.summary || 'A card', () => openChat(message.conversation));
  if (kind === 'edit' && isOpen) announce(`VPP Sync changed a card: ${message.summary}`);
}

const panels = ['panel', 'inspector'];

/** @param {string} [open] */
function showPanel(open) {
  for (const id of panels) {
    byId(id).hidden = id !== open;
    byId(`show-${id}`).setAttribute('aria-pressed', String(id === open));
  }
  byId('show-chats').setAttribute('aria-pressed', String(open === undefined));
  drawInspector();
}

function drawInspector() {
  if (byId('inspector').hidden) return;
  drawCardJson(model.current().messages);
  showRequests();
}

function drawRequests() {
  if (!byId('inspector').hidden) showRequests();
}

/** @param {boolean} phone */
function setPhone(phone) {
  document.body.classList.toggle('phone', phone);
  byId('phone').setAttribute('aria-pressed', String(phone));
  if (phone) localStorage.setItem(keptPhone, 'yes');
  else localStorage.removeItem(keptPhone);
}

function showChats() {
  document.body.classList.remove('in-chat');
  writeAddress({ person: model.person });
}

startComposeBox(/** @type {HTMLFormElement} */ (byId('compose')), (text) => send(text));
byId('person').addEventListener('change', ({ target }) => {
  goTo({ person: /** @type {HTMLSelectElement} */ (target).value });
});
byId('mention').addEventListener('click', () => {
  const chip = byId('mention');
  chip.setAttribute('aria-pressed', String(chip.getAttribute('aria-pressed') !== 'true'));
});
for (const id of panels) {
  const [panel, opener] = [byId(id), byId(`show-${id}`)];
  const closer = /** @type {HTMLElement} */ (panel.querySelector('.close'));
  const close = () => {
    showPanel();
    opener.focus();
  };
  opener.addEventListener('click', () => {
    showPanel(panel.hidden ? id : undefined);
    if (!panel.hidden) closer.focus();
  });
  closer.addEventListener('click', close);
  panel.addEventListener('keydown', ({ key }) => key === 'Escape' && close());
}
byId('show-chats').addEventListener('click', () => {
  showPanel();
  if (narrow.matches) showChats();
});
byId('plain').addEventListener('click', () => {
  setPlain(!isPlain());
  byId('plain').setAttribute('aria-pressed', String(isPlain()));
  drawAll();
});
byId('phone').addEventListener('click', () => setPhone(!document.body.classList.contains('phone')));
byId('start-tour').addEventListener('click', startTour);
byId('back').addEventListener('click', showChats);
addEventListener('popstate', () => goTo(readAddress()).catch(() => goTo({ person: model.person })));

// Scrolling regions that hold nothing to focus must be reachable by keyboard.
for (const id of ['messages', 'wire', 'sent']) byId(id).tabIndex = 0;
setPhone(localStorage.getItem(keptPhone) === 'yes');
registerPictures();
byId('plain').setAttribute('aria-pressed', String(isPlain()));
await startTheme(() => model && drawAll());
const kept = localStorage.getItem(keptPerson);
await goTo({ ...(kept && { person: kept }), ...readAddress() }).catch(() => goTo({}));
