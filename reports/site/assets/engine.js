// The door to the WebAssembly module (reports/engine): gridproof.ask(line), draw, look, script,
// judge, answerOf. Each returns a promise; an input that is not understood rejects it with the sentence
// that the program would say.
"use strict";
window.gridproof = window.gridproof || {};
(() => {
  const decoder = new TextDecoder();
  const encoder = new TextEncoder();
  let arrive;
  const packed = new Promise((resolve) => (arrive = resolve));
  gridproof.module = (base64) => arrive(base64);

  const start = async () => {
    const bytes = Uint8Array.from(atob(await packed), (c) => c.charCodeAt(0));
    const unzipped = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
    const code = await new Response(unzipped).arrayBuffer();
    let exported;
    const text = (address) => {
      const memory = new Uint8Array(exported.memory.buffer);
      return decoder.decode(memory.subarray(address, memory.indexOf(0, address)));
    };
    const nothing = new Proxy({}, { get: () => () => 52 }); // ENOSYS: there are no files here
    const { instance } = await WebAssembly.instantiate(code, {
      gridproof: {
        thrown: (message) => {
          throw new Error(text(message));
        },
      },
      wasi_snapshot_preview1: nothing,
    });
    exported = instance.exports;
    exported._initialize();
    const stack = exported.__stack_pointer.value;
    return (name, ...given) => {
      const owned = [];
      const values = given.map((value) => {
        if (typeof value !== "string") return value;
        const bytes = encoder.encode(value);
        const address = exported.allocate(bytes.length + 1);
        const memory = new Uint8Array(exported.memory.buffer);
        memory.set(bytes, address);
        memory[address + bytes.length] = 0;
        owned.push(address);
        return address;
      });
      try {
        return text(exported[name](...values));
      } finally {
        exported.__stack_pointer.value = stack; // an error leaves its frames there
        owned.forEach((address) => exported.release(address));
      }
    };
  };

  let started;
  const call = async (...given) => {
    started = started || start();
    return (await started)(...given);
  };
  gridproof.ask = async (line) => JSON.parse(await call("ask", line));
  gridproof.draw = (line, sample, channel) => call("draw", line, sample, channel);
  gridproof.look = async (line, sample, channel, profile, answer = "") =>
    JSON.parse(await call("look", line, sample, channel, profile, answer));
  gridproof.script = (line, answer = "") => call("script", line, answer);
  gridproof.judge = async (line, answer, profile) =>
    JSON.parse(await call("judge", line, answer, profile));
  gridproof.answerOf = async (mutant, line, profile) =>
    JSON.parse(await call("answer_of", mutant, line, profile));
})();
