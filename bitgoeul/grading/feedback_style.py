"""The style of a feedback page. It travels inside the page, because feedback is also read as a file."""

STYLE = """
:root { color-scheme: light dark; --line: #c9ced6; --soft: #f4f6f8; --ink: #1c2126; --paper: #fff; --mark: #0b5fae;
  --string: #99402a; --number: #1a6e3c; --note: #5b6672; }
@media (prefers-color-scheme: dark) { :root { --line: #444c56; --soft: #22272e; --ink: #dde3ea; --paper: #14171a;
  --mark: #6cb2ff; --string: #f0a58c; --number: #7fd39b; --note: #9aa5b1; } }
body { font: 1rem/1.6 system-ui, "Apple SD Gothic Neo", "Malgun Gothic", "Noto Sans KR", sans-serif; color: var(--ink);
  background: var(--paper); max-width: 60rem; margin: 0 auto; padding: 1rem; overflow-wrap: anywhere; }
pre, code, kbd, samp { font-family: ui-monospace, "D2Coding", Menlo, Consolas, monospace; font-size: .9rem; }
pre { background: var(--soft); border-radius: .3rem; padding: .6rem; overflow-x: auto; white-space: pre-wrap; margin: .3rem 0; }
img { max-width: 100%; height: auto; background: #fff; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--line); padding: .2rem .6rem; text-align: left; }
a { color: var(--mark); }
a:focus-visible { outline: 3px solid var(--mark); outline-offset: 2px; }
.panel { border: 1px solid var(--line); border-radius: .4rem; margin: .8rem 0; }
.panel-heading { border-bottom: 1px solid var(--line); padding: .4rem .8rem; background: var(--soft); }
.panel-body { padding: .4rem .8rem; }
.panel-footer { border-top: 1px solid var(--line); padding: .4rem .8rem; }
.pull-right { float: right; }
.prompt { color: var(--note); font-size: .8rem; }
.anchor-link { display: none; }
.late-penalty { color: #c0392b; }
.output_stderr pre { border-left: .25rem solid #d9a000; }
.output_error pre { border-left: .25rem solid #d63b2f; }
.highlight .k, .highlight .kn, .highlight .kd, .highlight .kc, .highlight .ow { color: var(--mark); font-weight: 600; }
.highlight .s, .highlight .s1, .highlight .s2, .highlight .sd, .highlight .sa, .highlight .si { color: var(--string); }
.highlight .mi, .highlight .mf, .highlight .mh { color: var(--number); }
.highlight .c1, .highlight .c, .highlight .ch { color: var(--note); font-style: italic; }
.highlight .nf, .highlight .nc { font-weight: 600; }
.ansi-red-fg, .ansi-red-intense-fg { color: #d63b2f; }
.ansi-green-fg, .ansi-green-intense-fg { color: var(--number); }
.ansi-blue-fg, .ansi-cyan-fg { color: var(--mark); }
.ansi-bold { font-weight: 600; }
"""
