// What the pages do: search, the figure of the first page, questions, wrong semantics, filters.
// Everything that is computed comes from the engine (engine.js); here is only what a hand does.
"use strict";
window.gridproof = window.gridproof || {};
(() => {
  const one = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const page = document.body.dataset.page;
  const make = (tag, text, properties = {}) =>
    Object.assign(document.createElement(tag), { textContent: text }, properties);

  if (new URLSearchParams(location.search).has("embed")) document.body.classList.add("embedded");

  // ---- What is for a terminal can be copied.
  for (const block of all("pre:not(.code):not(.explanation)")) {
    const button = make("button", "copy", { className: "copy", type: "button" });
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(block.textContent.trim());
      button.textContent = "copied";
    });
    block.after(button);
  }

  // ---- A question in an address: raw DEFLATE, then base64url (links.h).
  const through = async (bytes, stream) =>
    new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());
  const packed = async (text) => {
    const bytes = await through(new TextEncoder().encode(text), new CompressionStream("deflate-raw"));
    const base64 = btoa(Array.from(bytes, (b) => String.fromCharCode(b)).join(""));
    return base64.replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
  };
  const unpacked = async (text) => {
    const bytes = Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
    return new TextDecoder().decode(await through(bytes, new DecompressionStream("deflate-raw")));
  };
  // Part of an address that somebody may have broken.
  const decoded = (text) => {
    try {
      return decodeURIComponent(text);
    } catch {
      return text;
    }
  };
  // A case as people paste it, over several lines.
  const oneLine = (text) => text.trim().replace(/\s+/g, " ").replace(/([{,[]) /g, "$1").replace(/ (?=[},\]])/g, "");
  const questionLink = async (line) => "question.html#q=" + (await packed(line));

  // ---- Search. The ranking is that of search.cc.
  const input = one("#search") || make("input", ""); // a report has none
  const hits = one(".hits") || make("div", "");
  let index = null;
  gridproof.found = (list) => {
    index = list;
    showHits();
  };
  const needIndex = () => {
    if (index || one("script[src='search.js']")) return;
    document.body.append(make("script", "", { src: "search.js" }));
  };
  // "half-pixel" and "half pixel" are the same.
  const plainWords = (text) => text.toLowerCase().replace(/[-_]/g, " ");
  const rank = ([name, , sentence, words], wanted) => {
    if (plainWords(name) === wanted) return 100;
    if (plainWords(name).includes(wanted)) return 80;
    if (words.includes(wanted)) return 60;
    if (plainWords(sentence).includes(wanted)) return 40;
    const everything = plainWords(name + " " + words + " " + sentence);
    return wanted.split(" ").every((word) => everything.includes(word)) ? 20 : 0;
  };
  const find = (wanted) =>
    index
      .map((entry) => [rank(entry, wanted), entry])
      .filter(([its]) => its > 0)
      .sort((a, b) => b[0] - a[0])
      .map(([, entry]) => entry);
  const showHits = () => {
    const wanted = plainWords(input.value.trim());
    hits.hidden = wanted === "" || !index;
    if (hits.hidden) return;
    const found = find(wanted);
    hits.replaceChildren(
      ...found.slice(0, 12).map(([name, address, sentence]) => {
        const link = make("a", "", { href: address });
        link.append(make("strong", name), " " + sentence);
        return link;
      }),
    );
    if (found.length === 0) hits.append(make("p", "Nothing is called so. Try an option, a number such as NaN, or an error."));
  };
  input.addEventListener("focus", needIndex);
  input.addEventListener("input", () => {
    needIndex();
    showHits();
  });
  input.addEventListener("keydown", (event) => {
    if (event.key === "Escape") hits.hidden = true;
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest(".search")) hits.hidden = true;
  });
  const asked = new URLSearchParams(location.search).get("word");
  if (page === "clauses.html" && asked) {
    input.value = asked;
    needIndex();
  }

  // ---- The figure of the first page.
  const figure = one("figure.play");
  if (figure && gridproof.ask) {
    const drawing = one(".drawing", figure);
    const angle = one("[name=angle]", figure);
    const sizes = { rows: 4, columns: 6, across: 3, down: 3 };
    const numbers = (line) => line.match(/grid=\S+\{(.*)\}/)[1].split(",").map(Number);
    const first = numbers(figure.dataset.line);
    let grid = [...first];
    let chosen = Number(figure.dataset.sample);
    const option = (name) => one(`[name=${name}]:checked`, figure).value;
    const line = () =>
      `grid_sample mode=${option("mode")} padding_mode=${option("padding_mode")} align_corners=${option("align_corners")} ` +
      `input=f32[1,1,${sizes.rows},${sizes.columns}]{1..${sizes.rows * sizes.columns}} ` +
      `grid=f32[1,${sizes.down},${sizes.across},2]{${grid.map((x) => Number(x.toFixed(6))).join(",")}}`;
    let busy = false;
    let again = false;
    const draw = async () => {
      if (busy) return void (again = true);
      busy = true;
      do {
        again = false;
        const now = line();
        drawing.innerHTML = await gridproof.draw(now, chosen, 0);
        const answer = await gridproof.ask(now);
        const values = answer.answer.match(/\{(.*)\}/)[1].split(",");
        handle.setAttribute("aria-valuetext", `sample ${chosen} reads ${fromNotation(values[chosen])}`);
        one(".permalink", figure).href = await questionLink(now);
        history.replaceState(null, "", "#q=" + (await packed(now)));
      } while (again);
      busy = false;
    };
    // The handle lies over the drawing, which is made anew all the time.
    const handle = make("button", "", { className: "handle", type: "button" });
    handle.setAttribute("role", "slider");
    handle.setAttribute("aria-label", "The point that is sampled; arrow keys move it, Page Up and Page Down choose another");
    handle.setAttribute("aria-valuemin", "0");
    handle.setAttribute("aria-valuemax", String(sizes.across * sizes.down - 1));
    handle.setAttribute("aria-valuenow", String(chosen));
    drawing.after(handle);
    const coordinates = async (x, y) => {
      const corners = option("align_corners");
      const convert = async (position, size) => {
        const text = `coordinate align_corners=${corners} size=${size} position=f64[1]{${position}}`;
        return fromNotation((await gridproof.ask(text)).answer.match(/\{(.*)\}/)[1]);
      };
      return [await convert(x, sizes.columns), await convert(y, sizes.rows)];
    };
    // Pixels of the input under a pointer, in 1/16.
    const positionOf = (event) => {
      const svg = one("svg.input", drawing);
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      const round = (value) => Math.round(value * 16) / 16;
      return [
        round((at.x - Number(svg.dataset.left)) / Number(svg.dataset.pixel)),
        round((at.y - Number(svg.dataset.top)) / Number(svg.dataset.pixel)),
      ];
    };
    const choose = (sample) => {
      chosen = (sample + sizes.across * sizes.down) % (sizes.across * sizes.down);
      handle.setAttribute("aria-valuenow", String(chosen));
    };
    const move = async (x, y) => {
      [grid[2 * chosen], grid[2 * chosen + 1]] = await coordinates(x, y);
      await draw();
    };
    const where = async () => {
      const circle = one("circle.chosen", drawing);
      const svg = one("svg.input", drawing);
      const scale = Number(svg.dataset.pixel);
      return [
        (Number(circle.getAttribute("cx")) - Number(svg.dataset.left)) / scale,
        (Number(circle.getAttribute("cy")) - Number(svg.dataset.top)) / scale,
      ];
    };
    drawing.addEventListener("pointerdown", (event) => {
      if (!one("svg.input", drawing).contains(event.target)) return;
      const points = all("circle.point:not(.other):not(.padded)", drawing);
      const near = points
        .map((circle) => {
          const box = circle.getBoundingClientRect();
          return [Math.hypot(box.x + box.width / 2 - event.clientX, box.y + box.height / 2 - event.clientY), Number(circle.dataset.sample)];
        })
        .sort((a, b) => a[0] - b[0])[0];
      if (!near || near[0] > 30) return;
      choose(near[1]);
      event.preventDefault();
      drawing.setPointerCapture(event.pointerId);
      handle.focus({ preventScroll: true });
      draw();
    });
    drawing.addEventListener("pointermove", (event) => {
      if (drawing.hasPointerCapture(event.pointerId)) move(...positionOf(event));
    });
    handle.addEventListener("keydown", async (event) => {
      const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
      const next = { PageUp: -1, PageDown: 1 }[event.key];
      if (!step && !next) return;
      event.preventDefault();
      if (next) {
        choose(chosen + next);
        return draw();
      }
      const size = event.shiftKey ? 1 : 0.125;
      const [x, y] = await where();
      await move(Math.round((x + step[0] * size) * 16) / 16, Math.round((y + step[1] * size) * 16) / 16);
    });
    angle.addEventListener("input", async () => {
      const radians = (Number(angle.value) * Math.PI) / 180;
      one("output", figure).textContent = `${angle.value}°`;
      const [c, s] = [Math.cos(radians), Math.sin(radians)].map((v) => Number(v.toFixed(6)));
      const theta = `affine_grid align_corners=${option("align_corners")} size=[1,1,${sizes.down},${sizes.across}] theta=f32[1,2,3]{${c},${-s},0,${s},${c},0}`;
      const values = (await gridproof.ask(theta)).answer.match(/\{(.*)\}/)[1];
      grid = values.split(",").map((text) => fromNotation(text));
      draw();
    });
    figure.addEventListener("change", draw);
    if (location.hash.startsWith("#q=")) {
      unpacked(location.hash.slice(3).split("&")[0]).then(async (text) => {
        // Of another image it is no question of this figure.
        if (!text.includes(`input=f32[1,1,${sizes.rows},${sizes.columns}]{1..`)) return void location.replace("question.html" + location.hash);
        for (const name of ["mode", "padding_mode", "align_corners"]) {
          const value = text.match(new RegExp(` ${name}=(\\S+)`));
          const radio = value && one(`[name=${name}][value="${CSS.escape(value[1])}"]`, figure);
          if (radio) radio.checked = true;
        }
        const given = text.match(/grid=\S+\{(.*)\}/)[1].split(",").map(fromNotation);
        if (given.length === grid.length) grid = given;
        draw();
      }).catch(() => {}); // a broken address: the figure begins as always
    }
  }
  // A number of the case notation that is one number.
  function fromNotation(text) {
    const hexadecimal = text.match(/^(-?)0x([0-9a-f]+)(?:\.([0-9a-f]*))?p([-+]?\d+)$/);
    if (!hexadecimal) return text === "nan" ? NaN : text === "inf" ? Infinity : text === "-inf" ? -Infinity : Number(text);
    const [, sign, whole, part = "", power] = hexadecimal;
    const size = (parseInt(whole + part, 16) / 16 ** part.length) * 2 ** Number(power);
    return sign ? -size : size;
  }

  // ---- The question page.
  const judgedText = (judged) => {
    const counts = Object.entries(judged.samples).map(([verdict, count]) => `${count} ${verdict}`);
    const clause = judged.clause ? ` [${judged.clause}]` : "";
    return `${judged.verdict}${clause}; samples: ${counts.join(", ")}`;
  };
  const clauseLink = (name) => {
    if (!name) return make("span", "the documentation");
    needIndex();
    return make("a", `[${name}]`, { href: `clauses.html?word=${name}`, className: "clause" });
  };
  if (page === "question.html" && gridproof.ask) {
    const form = one("form.ask");
    const result = one(".result");
    const error = one(".error");
    const say = (text) => {
      error.textContent = text;
      result.hidden = text !== "";
    };
    const element = (name) => Number(one(`[name=${name}]`).value);
    const shellQuoted = (text) => "'" + text.replaceAll("'", "'\\''") + "'";
    const showElement = async (line, givenAnswer) => {
      const seen = await gridproof.look(line, element("sample"), element("channel"), form.profile.value, givenAnswer);
      one(".drawing").innerHTML = await gridproof.draw(line, element("sample"), element("channel"));
      const facts = [
        ["location", seen.location],
        ["coordinate", seen.coordinate],
        ["reference", seen.value],
        ["exact", seen.exact],
        ["admissible", seen.admissible + (seen.undecided ? "; being inside says nothing" : "")],
      ];
      const list = one(".facts");
      list.replaceChildren();
      for (const [name, value] of facts) list.append(make("dt", name), make("dd", value));
      const clause = make("dd", "");
      clause.append(clauseLink(seen.clause));
      list.append(make("dt", "clause"), clause);
      one(".explanation").textContent = seen.explanation;
      one(".line").innerHTML = seen.line;
    };
    // A tensor in the notation, or the numbers of whatever was pasted: tensor([[1.0, nan]]), 1 2 3.
    const answerOf = (question, text) => {
      if (/^(bf16|f16|f32|f64|i32)\[/.test(text)) return text;
      const numbers = text.replace(/tensor|dtype=\S+|device=\S+|array/g, "").match(/[-+]?(nan|inf|0x[0-9a-f.]+p[-+]?\d+|(\d+\.?\d*|\.\d+)(e[-+]?\d+)?)/gi) || [];
      return `${question.output}{${numbers.map((word) => word.toLowerCase().replace(/^\+/, "").replace(/\.$/, "")).join(",")}}`;
    };
    // Why it is so, the program finds out.
    const diagnoseCommand = (question, answer) => {
      const part = (name) => (question.line.match(new RegExp(` ${name}=(\\S+)`)) || [])[1];
      const options = [
        ["--input", part("input")],
        ["--grid", part("grid")],
        ["--mode", part("mode")],
        ["--padding-mode", part("padding_mode")],
        ["--align-corners", part("align_corners")],
        ["--observed", answer],
      ];
      return "gridproof diagnose " + options.filter(([, value]) => value).map(([name, value]) => `${name} ${shellQuoted(value)}`).join(" ");
    };
    const ask = async (choose = true) => {
      try {
        const question = await gridproof.ask(oneLine(form.line.value));
        const plain = !(question.samples * question.channels);
        const given = plain ? "" : form.given.value.trim();
        let judged = null;
        let complaint = "";
        if (given) {
          try {
            judged = await gridproof.judge(question.line, answerOf(question, given), form.profile.value);
            // The first sample that is not right, unless somebody has chosen another one.
            if (choose && judged.notable.length > 0) {
              one("[name=sample]").value = judged.notable[0].sample;
              one("[name=channel]").value = judged.notable[0].channel;
            }
          } catch (failure) {
            complaint = `What you got is not understood: ${failure.message}`;
          }
        }
        const parts = { q: question.line, a: given, p: form.profile.value === "P1" ? "" : form.profile.value, s: plain ? "" : `${element("sample")} ${element("channel")}` };
        const address = [];
        for (const [name, text] of Object.entries(parts)) {
          if (text && text !== "0 0") address.push(`${name}=${await packed(text)}`);
        }
        if (location.hash !== "#" + address.join("&")) history[choose ? "pushState" : "replaceState"](null, "", "#" + address.join("&"));
        one(".command").textContent =
          `gridproof replay ${shellQuoted(question.line)} --profile ${shellQuoted(form.profile.value)}` +
          (judged ? `\n${diagnoseCommand(question, answerOf(question, given))}` : "");
        one(".script").textContent =
          (!plain && (await gridproof.script(question.line, judged ? answerOf(question, given) : ""))) ||
          "None: this question is refused, or is no call of grid_sample, or is large.";
        one(".which").textContent = question.question || question.line;
        one(".element").hidden = plain;
        one(".judged").textContent = question.refused
          ? `Refused under [${question.refused.clause}]: ${question.refused.message}`
          : complaint ||
            (judged
              ? `Your answer: ${judgedText(judged)}`
              : question.answer
                ? `Answer: ${question.answer}`
                : `The answer, ${question.output}, is too long to show whole.`);
        if (plain) {
          one(".drawing").replaceChildren();
          one(".facts").replaceChildren();
          one(".explanation").textContent = "";
          one(".line").replaceChildren();
        } else {
          one("[name=sample]").max = question.samples - 1;
          one("[name=channel]").max = question.channels - 1;
          for (const [name, count] of [["sample", question.samples], ["channel", question.channels]]) {
            if (!(element(name) >= 0 && element(name) < count)) one(`[name=${name}]`).value = 0;
          }
          await showElement(question.line, judged ? answerOf(question, given) : "");
        }
        say("");
      } catch (failure) {
        say(failure.message);
      }
    };
    const fromAddress = async () => {
      const parameters = new URLSearchParams(location.hash.slice(1));
      try {
        if (parameters.has("q")) form.line.value = await unpacked(parameters.get("q"));
        if (parameters.has("a")) form.given.value = await unpacked(parameters.get("a"));
        else if (parameters.has("q")) form.given.value = "";
        if (parameters.has("q")) form.profile.value = parameters.has("p") ? await unpacked(parameters.get("p")) : "P1";
        const place = parameters.has("s") ? await unpacked(parameters.get("s")) : "0 0";
        [one("[name=sample]").value, one("[name=channel]").value] = place.split(" ");
      } catch {
        return say("This address does not hold a whole question: a part of it may be lost.");
      }
      await ask(false);
    };
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      ask();
    });
    form.profile.addEventListener("change", () => ask());
    one(".element").addEventListener("change", () => ask(false));
    // A number of the output, or a point that is read, is a sample.
    one(".drawing").addEventListener("click", (event) => {
      const chosen = event.target.closest("[data-sample]");
      if (!chosen) return;
      one("[name=sample]").value = chosen.dataset.sample;
      ask(false);
    });
    window.addEventListener("popstate", fromAddress);
    window.addEventListener("hashchange", fromAddress);
    fromAddress();
  }

  // ---- Wrong semantics.
  if (page === "wrong.html" && gridproof.ask) {
    const bench = one(".bench");
    const form = one("form.ask", bench);
    let mutant = "";
    const show = async () => {
      one(".error").textContent = "";
      try {
        one(".answers", bench).replaceChildren();
        one(".drawing", bench).replaceChildren();
        const line = oneLine(form.line.value.trim().split("\n").at(-1));
        const question = await gridproof.ask(line);
        const wrong = await gridproof.answerOf(mutant, line, "P1");
        const worst = wrong.notable.at(-1);
        one(".drawing", bench).innerHTML = !(question.samples * question.channels) ? "" : await gridproof.draw(line, worst ? worst.sample : 0, worst ? worst.channel : 0);
        const table = make("dl", "");
        table.append(
          make("dt", "right"),
          make("dd", question.refused ? `refused [${question.refused.clause}]` : question.answer || "too long to show"),
          make("dt", mutant),
          make("dd", wrong.answer),
          make("dt", "verdict"),
          make("dd", judgedText(wrong)),
        );
        one(".answers", bench).replaceChildren(table);
      } catch (failure) {
        one(".error").textContent = failure.message;
      }
    };
    const choose = async (link) => {
      mutant = link.dataset.mutant;
      form.line.value = link.dataset.line;
      one(".which", bench).textContent = mutant;
      bench.hidden = false;
      link.closest("li").append(bench);
      bench.scrollIntoView({ block: "nearest" });
      await show();
    };
    document.addEventListener("click", (event) => {
      const link = event.target.closest("a.try");
      if (link) choose(link);
    });
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      show();
    });
    const named = location.hash && one(`a.try[data-mutant="${CSS.escape(decoded(location.hash.slice(1)))}"]`);
    if (named) choose(named);
  }

  // ---- Your report: report.json, in the page alone. What it says is text, never HTML.
  if (page === "reports.html") {
    const say = (text) => {
      one(".error").textContent = text;
    };
    const keyOf = (finding) => JSON.stringify([finding.subject, finding.verdict, finding.clause && finding.clause.name, finding.cause]);
    const elementText = (element) => (element && "value" in element ? element.value : element ? JSON.stringify(element) : "");
    // What is inside is made when somebody looks: there may be ten thousand of them.
    const fill = async (node, finding) => {
      const first = finding.incidents[0];
      if (finding.waiver || finding.known) node.append(make("p", finding.waiver ? `waived: ${finding.waiver}` : "known"));
      const list = make("dl", "", { className: "facts" });
      for (const [name, value] of [
        ["got", elementText(first.got)],
        ["admissible", first.admissible],
        ["reference", elementText(first.reference)],
        ["exact", first.exact],
        ["how often", `${finding.samples} samples in ${finding.cases} cases`],
      ]) {
        list.append(make("dt", name), make("dd", String(value ?? "")));
      }
      node.append(list, make("pre", `gridproof replay '${first.case}'`, { tabIndex: 0 }));
      if (first.case.length < 4000) node.append(make("a", "this question with its picture", { href: await questionLink(first.case) }));
    };
    const details = (finding, state) => {
      const node = make("details", "", { className: "finding" });
      Object.assign(node.dataset, { subject: finding.subject, about: finding.clause ? finding.clause.name : "", verdict: finding.verdict, state });
      node.append(make("summary", (state ? `${state}: ` : "") + finding.title), make("p", finding.sentence));
      node.addEventListener("toggle", () => fill(node, finding), { once: true });
      return node;
    };
    const open = async (files) => {
      try {
        const reports = await Promise.all([...files].map(async (file) => JSON.parse(await file.text())));
        for (const report of reports) {
          if (!Array.isArray(report.findings) || !report.totals) throw new Error("This is not a report.json of gridproof.");
        }
        if (reports.length > 2) throw new Error("Expected one report or two.");
        const [older, newer] = reports.length === 2 ? reports : [null, reports[0]];
        const nodes = [];
        const count = { new: 0, gone: 0, "as before": 0 };
        const before = new Set(older ? older.findings.map(keyOf) : []);
        for (const finding of newer.findings) {
          const state = !older ? "" : before.delete(keyOf(finding)) ? "as before" : "new";
          if (state) ++count[state];
          nodes.push(details(finding, state));
        }
        for (const finding of older ? older.findings : []) {
          if (!before.has(keyOf(finding))) continue;
          ++count.gone;
          nodes.push(details(finding, "gone"));
        }
        one(".judged").textContent =
          `${newer.passes ? "passes" : "does not pass"}: ${newer.totals.samples} samples judged, ${newer.totals.findings} findings, ` +
          `${newer.totals.undecided} undecided, ${newer.totals.untested} clauses not tested` +
          (older ? `. ${count.new} new, ${count.gone} gone, ${count["as before"]} as before` : "");
        one(".made").textContent = newer.subjects.map((subject) => `${subject.name}: ${subject.description}`).join("; ");
        one(".findings").replaceChildren(...nodes);
        one(".opened").hidden = false;
        say("");
        one(".filter input").dispatchEvent(new Event("input"));
      } catch (failure) {
        one(".opened").hidden = true;
        say(failure instanceof SyntaxError ? "This is not JSON: expected a report.json of gridproof." : failure.message);
      }
    };
    one("[name=reports]").addEventListener("change", (event) => open(event.target.files));
    document.addEventListener("dragover", (event) => event.preventDefault());
    document.addEventListener("drop", (event) => {
      event.preventDefault();
      if (event.dataTransfer.files.length > 0) open(event.dataTransfer.files);
    });
  }

  // ---- Filters of findings: every word must be there, "-word" must not.
  const filter = one("form.filter");
  if (filter) {
    const words = one("input", filter);
    const apply = () => {
      const findings = all(".finding");
      const wanted = words.value.toLowerCase().split(/\s+/).filter(Boolean);
      let shown = 0;
      for (const finding of findings) {
        const text = (finding.textContent + " " + Object.values(finding.dataset).join(" ")).toLowerCase();
        finding.hidden = !wanted.every((word) => (word.startsWith("-") ? !text.includes(word.slice(1)) : text.includes(word)));
        shown += finding.hidden ? 0 : 1;
      }
      one("output", filter).textContent = `${shown} of ${findings.length}`;
    };
    filter.addEventListener("submit", (event) => event.preventDefault());
    words.addEventListener("input", () => {
      apply();
      history.replaceState(null, "", location.pathname + location.search + (words.value ? `#only=${encodeURIComponent(words.value)}` : ""));
    });
    const fromAddress = () => {
      words.value = location.hash.startsWith("#only=") ? decoded(location.hash.slice(6)) : words.value;
      apply();
    };
    window.addEventListener("hashchange", fromAddress);
    fromAddress();
  }
})();
