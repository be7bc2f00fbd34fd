"""How pages look: one style sheet, for light and dark, wide and narrow, screen and paper.

Colours are those of `plots.style` (Okabe & Ito), lighter where the page is dark.
"""

MOST_CHOICES = 24  # contents of a `markup.chooser`
SERIES_STYLES = tuple(f"other{k}" for k in range(1, 7))  # of lines beside those with a look of their own

_SHEET = """\
:root { color-scheme: light dark; --ink: #1c1c1c; --quiet: #5c5c5c; --line: #d8d8d8; --back: #ffffff;
  --box: #f5f6f8; --mark: #0072b2; --band1: #d3e5f1; --band2: #a3c9e2; --band3: #6ba8d0;
  --simple: #b34f00; --grid: #e8eaee;
  --other1: #00795a; --other2: #a8407c; --other3: #7a6500; --other4: #5c5c5c; --other5: #6a4fb3;
  --other6: #c22f2f }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e8e8; --quiet: #a8a8a8; --line: #3c4048;
  --back: #15171a; --box: #1f2227; --mark: #56b4e9; --band1: #17303f; --band2: #1f4c68; --band3: #2b6d96;
  --simple: #e69f00; --grid: #2a2e35;
  --other1: #2fc29a; --other2: #e08fbd; --other3: #d8c63c; --other4: #a8a8a8; --other5: #b09cf0;
  --other6: #ff7b72 } }
* { box-sizing: border-box }
html { -webkit-text-size-adjust: 100% }
body { margin: 0 auto; max-width: 60rem; padding: 1rem; background: var(--back); color: var(--ink);
  font: 1rem/1.5 system-ui, sans-serif; overflow-wrap: break-word }
h1 { font-size: 1.5rem; line-height: 1.25; margin: .5rem 0 }
h2 { font-size: 1.2rem; margin: 2rem 0 .5rem; border-top: 1px solid var(--line); padding-top: 1rem }
h3 { font-size: 1rem; margin: .75rem 0 .25rem }
p, ul, figure { margin: .5rem 0 }
.quiet, figcaption { color: var(--quiet); font-size: .9rem }
.finding { background: var(--box); border-left: 4px solid var(--mark); padding: .5rem .75rem;
  margin: .5rem 0; border-radius: 3px }
.finding code { color: var(--quiet); font-size: .8rem }
img { max-width: 100%; height: auto; display: block; background: #ffffff; padding: .5rem;
  border-radius: 6px; border: 1px solid var(--line) }
.wide { overflow-x: auto }
.whole { white-space: nowrap }
table { border-collapse: collapse; font-size: .9rem; margin: .5rem 0; font-variant-numeric: tabular-nums }
th, td { padding: .2rem .6rem; text-align: right; border-bottom: 1px solid var(--line);
  white-space: nowrap }
table:has(th:nth-child(12)) :is(th, td) { padding: .2rem .35rem }
thead th { color: var(--quiet); font-weight: 600 }
tbody th { font-weight: 400 }
th:first-child, td:first-child, .text { text-align: left }
pre { background: var(--box); padding: .75rem; overflow-x: auto; font-size: .85rem; border-radius: 3px }
summary { cursor: pointer; padding: .35rem 0; color: var(--mark) }
.cards { display: grid; grid-template-columns: repeat(auto-fill, minmax(9.5rem, 1fr)); gap: .5rem;
  margin: .75rem 0 }
.cards div { background: var(--box); border-radius: 6px; padding: .5rem .75rem; min-width: 0 }
.cards dt { color: var(--quiet); font-size: .8rem }
.cards dd { margin: 0; font-size: 1.1rem; font-weight: 600; line-height: 1.3 }
.cards dd small { display: block; font-weight: 400; font-size: .8rem; color: var(--quiet) }
.several { display: grid; gap: 0 1.5rem;
  grid-template-columns: repeat(auto-fit, minmax(min(17rem, 100%), 1fr)) }
figure { display: flow-root }
.plot { display: grid; grid-template-columns: auto minmax(0, 1fr); margin: .25rem .75rem 0 0 }
.plot svg { grid-column: 2; width: 100%; height: 17rem; overflow: hidden;
  border-bottom: 1px solid var(--quiet) }
.plot.low svg { height: 11rem }
.beside { position: relative; min-width: 3.2rem; font-size: .75rem; color: var(--quiet) }
.beside span { position: absolute; right: .5rem; transform: translateY(-50%); white-space: nowrap }
.below { grid-column: 2; position: relative; height: 1.5rem; font-size: .75rem; color: var(--quiet) }
.below span { position: absolute; top: .25rem; transform: translateX(-50%); white-space: nowrap }
.below .end { transform: translateX(-80%) }
.up, .across { margin: 0; font-size: .75rem; color: var(--quiet) }
.across { text-align: right; margin-right: .75rem }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .1rem 1rem; padding: 0; font-size: .85rem }
.legend i { display: inline-block; width: 1.4rem; height: 0; border-top: 2px solid; margin-right: .4rem;
  vertical-align: middle }
.legend i[class^="band"] { height: .8rem; border: 0 }
svg path { fill: none; vector-effect: non-scaling-stroke; stroke-linejoin: round }
svg .grid { stroke: var(--grid); stroke-width: 1px }
svg .mark { stroke: var(--quiet); stroke-width: 1px; stroke-dasharray: 2 3 }
svg .history { stroke: var(--ink); stroke-width: 1.3px }
svg .forecast { stroke: var(--mark); stroke-width: 2px }
svg .simple { stroke: var(--simple); stroke-width: 1.6px; stroke-dasharray: 6 3 }
svg [class^="other"] { stroke-width: 1.4px }
svg .other1 { stroke: var(--other1); stroke-dasharray: 2 3 }
svg .other2 { stroke: var(--other2); stroke-dasharray: 9 3 2 3 }
svg .other3 { stroke: var(--other3) }
svg .other4 { stroke: var(--other4); stroke-dasharray: 4 2 }
svg .other5 { stroke: var(--other5); stroke-dasharray: 12 3 }
svg .other6 { stroke: var(--other6); stroke-dasharray: 1 2 }
svg .ideal { stroke: var(--quiet); stroke-width: 1px; stroke-dasharray: 4 4 }
svg .dots { stroke-width: 7px; stroke-linecap: round; stroke-dasharray: none }
svg .history, svg .forecast { stroke-linecap: round }
.legend .history { border-color: var(--ink) }
.legend .forecast { border-color: var(--mark) }
.legend .simple { border-color: var(--simple); border-top-style: dashed }
.legend .other1 { border-color: var(--other1); border-top-style: dotted }
.legend .other2 { border-color: var(--other2); border-top-style: dashed }
.legend .other3 { border-color: var(--other3) }
.legend .other4 { border-color: var(--other4); border-top-style: dashed }
.legend .other5 { border-color: var(--other5); border-top-style: dashed }
.legend .other6 { border-color: var(--other6); border-top-style: dotted }
.legend .ideal, .legend .mark { border-color: var(--quiet); border-top-style: dashed }
svg .band1 { fill: var(--band1) } svg .band2 { fill: var(--band2) } svg .band3 { fill: var(--band3) }
.legend .band1 { background: var(--band1) } .legend .band2 { background: var(--band2) }
.legend .band3 { background: var(--band3) }
svg.spark { width: 9rem; height: 1.6rem; vertical-align: middle }
svg.spark path { stroke-width: 1px }
select { font: inherit; color: inherit; background: var(--box); border: 1px solid var(--line);
  border-radius: 4px; padding: .25rem .5rem; max-width: 100% }
.chooser > label { font-weight: 600 }
@media (max-width: 40rem) { .plot svg { height: 13rem } .second { display: none }
  .picture { overflow-x: auto } .picture img { max-width: none; width: 36rem }
  .cards { grid-template-columns: repeat(2, minmax(0, 1fr)) }
  th, td { padding: .2rem .4rem }
  td.text, tbody th { white-space: normal; min-width: 7rem } }
@media print { details > * { display: block } img, figure { break-inside: avoid } }
"""
_SHOWN = "\n".join(
    f".chooser:has(option:nth-child({k}):checked) > .choice:nth-of-type({k}) {{ display: block }}"
    for k in range(1, MOST_CHOICES + 1)
)

STYLE = f"""\
{_SHEET}@media screen {{ @supports selector(:has(*)) {{
.choice, .choice > .paper {{ display: none }}
{_SHOWN}
}} }}
"""
