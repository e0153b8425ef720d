// Loaded into every measured bot before its own code: answers what the process has used so far, and profiles it when asked to.
const answers = {
  usage() {
    const { user, system } = process.cpuUsage();
    process.send({ cpuMs: (user + system) / 1000, rssBytes: process.memoryUsage.rss() });
  },
  startProfile() {
    const { Session } = require('node:inspector');
    profiler = new Session();
    profiler.connect();
    profiler.post('Profiler.enable');
    profiler.post('Profiler.setSamplingInterval', { interval: 200 });
    profiler.post('Profiler.start', () => process.send({}));
  },
  stopProfile() {
    profiler.post('Profiler.stop', (_error, { profile }) => process.send(profile));
  },
};
let profiler;
process.on('message', (message) => answers[message]?.());
// Without the bench nobody would end it.
process.on('disconnect', () => process.exit(0));
