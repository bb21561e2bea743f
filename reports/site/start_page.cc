#include <fmt/core.h>

#include <algorithm>

#include "reference/contract/case.h"
#include "reports/engine/engine.h"
#include "reports/page/links.h"
#include "reports/page/markdown.h"
#include "reports/site/pages.h"

namespace gridproof::reports::site {
namespace {

// The question that the figure begins with: a grid turned a little, one corner outside.
constexpr std::string_view first_question =
    "grid_sample mode=bilinear padding_mode=reflection align_corners=False "
    "input=f32[1,1,4,6]{1..24} "
    "grid=f32[1,3,3,2]{-0.5,-0.875,0.125,-0.625,0.75,-0.375,-0.625,-0.25,0,0,0.625,0.25,-0.75,0."
    "375,"
    "-0.125,0.625,0.5,0.875}";
constexpr std::int64_t first_sample = 5;

std::string choices(std::string_view name, std::initializer_list<std::string_view> values,
                    std::string_view chosen) {
  std::string html = fmt::format("<fieldset><legend>{}</legend>", name);
  for (const std::string_view value : values) {
    html += fmt::format(
        R"(<label><input type="radio" name="{0}" value="{1}"{2}> <code>{1}</code></label>)", name,
        value, value == chosen ? " checked" : "");
  }
  return html + "</fieldset>";
}

}  // namespace

Page start_page(const Facts& facts) {
  std::string list;
  for (const Concept& about : concepts()) {
    std::size_t count = 0;
    for (const Clause& clause : clauses()) count += clause.stem == about.stem ? 1U : 0U;
    list += fmt::format(
        R"(<li><a href="{}.html"><strong>{}</strong></a> {} <span class="count">{}</span></li>)",
        about.stem, about.title, about.sentence, count);
  }
  const std::string body = fmt::format(
      R"(<h1>Where does it read?</h1>
<p class="lead"><code>grid_sample(input, grid)</code> reads the input where the grid says: each output value has one point.
The solid box is what the numbers -1&nbsp;…&nbsp;1 of the grid span with the chosen <code>align_corners</code>, the dashed one with the
other: <code>False</code> means the edges of the outermost pixels, <code>True</code> their centers. What lies around the pixels is padding.</p>
<figure class="play" data-line="{0}" data-sample="{1}">
<div class="controls">{2}{3}{4}
<label class="angle">turn by <input type="range" name="angle" min="-180" max="180" value="0" step="5"> <output>0°</output></label></div>
<div class="drawing">{5}</div>
<figcaption>{6}</figcaption>
</figure>
<noscript><p>Without scripts the figure stays as it is; everything else on these pages works.</p></noscript>
<h2>The rules, one by one</h2>
<p>{7} clauses, each with a name that never changes, its cases, the reference's answer to each, and who obeys it.</p>
<ul class="concepts">{8}</ul>
<h2>Ask, check, compare</h2>
<ul class="concepts">
<li><a href="question.html"><strong>Ask a question</strong></a> A case line with its picture, value, admissible set and explanation. Its link can be sent.</li>
<li><a href="obedience.html"><strong>Who obeys</strong></a> {9} implementations, clause by clause.</li>
<li><a href="wrong.html"><strong>Break it yourself</strong></a> Named wrong semantics, and the clause that catches each.</li>
<li><a href="myths.html"><strong>Myths</strong></a> What people say about it: true, imprecise or false.</li>
<li><a href="migration.html"><strong>Other libraries</strong></a> Which options of OpenCV, SciPy, ONNX, TensorFlow, MATLAB and textures agree, or why none do.</li>
</ul>
)",
      escaped(first_question), first_sample,
      choices("mode", {"bilinear", "nearest", "bicubic"}, "bilinear"),
      choices("padding_mode", {"zeros", "border", "reflection"}, "reflection"),
      choices("align_corners", {"False", "True"}, "False"),
      engine::draw(first_question, {.sample = first_sample, .channel = 0}),
      facts.has_engine
          ? fmt::format(
                R"(Drag a point, or choose one and use the arrow keys. The ring is the same number of the grid under the other flag. <a class="permalink" href="{}">This question with its set and explanation</a>.)",
                question_link(first_question))
          : std::string("This program was built without a compiler for WebAssembly: the figure "
                        "does not move."),
      clauses().size(), list,
      std::ranges::count(facts.obedience.subjects, "", &JudgedSubject::obstacle));
  return {.file = "index.html",
          .title = "grid_sample: where does it read?",
          .description = "The executable specification of torch.nn.functional.grid_sample",
          .body = body,
          .engine = Engine::picture};
}

}  // namespace gridproof::reports::site
