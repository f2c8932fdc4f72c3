/** The look of the HTML report, light and dark. */
export const STYLE: string = `
:root { color-scheme: light dark; --back: #fbfbf9; --card: #fff; --text: #1c2024; --quiet: #565d66; --line: #dcdfe3;
  --critical: #8f1239; --high: #b3261e; --medium: #8a5300; --low: #0b5c8a; --info: #4f5660; --good: #1b6e3c; --code: #eff1f3; --bar: #3b6ea8; }
@media (prefers-color-scheme: dark) { :root { --back: #14171a; --card: #1c2024; --text: #e8eaed; --quiet: #a9b1ba; --line: #343a41;
  --critical: #ff8fab; --high: #ff9d94; --medium: #f2bd6b; --low: #85c8f2; --info: #b4bbc4; --good: #86d9a2; --code: #262b31; --bar: #7fb2e8; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 62rem; padding: 2rem 1.25rem 4rem; background: var(--back); color: var(--text);
  font: 1rem/1.55 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { margin: 0 0 1rem; font-size: 1.6rem; line-height: 1.25; overflow-wrap: anywhere; }
h2 { margin: 2.5rem 0 1rem; font-size: 1.25rem; } h3 { margin: 0 0 .75rem; font-size: 1.1rem; line-height: 1.35; }
h4 { margin: 1rem 0 .15rem; font-size: .95rem; } p { margin: 0 0 .5rem; }
.kicker, .quiet { color: var(--quiet); font-size: .875rem; } .small { font-size: .7rem; display: block; font-weight: 400; }
.lead { font-size: 1.05rem; }
.verdict { display: flex; gap: 1.25rem; align-items: center; }
.grade { flex: none; min-width: 4.5rem; padding: .5rem .75rem; margin: 0; border: 2px solid; border-radius: .75rem; text-align: center;
  font-size: 2.2rem; font-weight: 700; line-height: 1.1; }
.grade-A, .clean { color: var(--good); } .grade-B { color: var(--low); } .grade-C { color: var(--medium); } .grade-D { color: var(--high); } .grade-F { color: var(--critical); }
.notice { border-left: .25rem solid var(--medium); padding: .5rem .75rem; background: var(--card); }
.facts { display: grid; grid-template-columns: max-content 1fr; gap: .25rem 1rem; margin: 1.25rem 0 0; } .facts dt { color: var(--quiet); } .facts dd { margin: 0; }
.finding { background: var(--card); border: 1px solid var(--line); border-radius: .75rem; padding: 1.25rem; margin-bottom: 1rem; }
.severity { border: 1px solid; border-radius: 1rem; padding: .05rem .6rem; font-size: .8rem; font-weight: 600; margin-right: .35rem; }
.critical { color: var(--critical); } .high, .found { color: var(--high); } .medium, .inconclusive { color: var(--medium); } .low { color: var(--low); } .info { color: var(--info); }
code, pre { font: .875em/1.5 ui-monospace, monospace; background: var(--code); border-radius: .25rem; } code { padding: .1em .3em; overflow-wrap: anywhere; }
pre { padding: .75rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; margin: .5rem 0; }
.here { border-left: .25rem solid var(--bar); padding-left: .75rem; }
details { margin: .75rem 0; } summary { cursor: pointer; } .exchange { margin: .25rem 0; font-size: .875rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .925rem; }
th, td { text-align: left; vertical-align: top; padding: .5rem .75rem .5rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
thead th { color: var(--quiet); font-size: .85rem; } tbody th .quiet { display: block; }
.outcome { font-weight: 600; } .track { width: 45%; min-width: 10rem; } .bar { display: block; height: .7rem; margin-top: .45rem; border-radius: .35rem; background: var(--bar); }
footer { margin-top: 2.5rem; }
:focus-visible { outline: 2px solid var(--bar); outline-offset: 2px; }
@media (max-width: 40rem) { .facts { grid-template-columns: 1fr; } .facts dt { margin-top: .5rem; } }
@media print { .finding { break-inside: avoid; } }
`;
