/** The style of the page, in light and dark mode. */
export const STYLE = `
:root { color-scheme: light dark; --back: #fbfbfa; --card: #fff; --text: #1d2125; --soft: #646c75; --rule: #e3e5e8;
  --good: #0b7a4b; --bad: #b42318; --warn: #8a5a00;
  --c0: #1565c0; --c1: #d1495b; --c2: #2e8b57; --c3: #b07d00; --c4: #7b4fb5; --c5: #0f8b9d; }
@media (prefers-color-scheme: dark) { :root { --back: #14171a; --card: #1b1f23; --text: #e6e8ea; --soft: #9aa3ac;
  --rule: #2d3339; --good: #4cc38a; --bad: #ff7b72; --warn: #e2b340;
  --c0: #6cb6ff; --c1: #ff8fa0; --c2: #6bd69b; --c3: #e8c15a; --c4: #c4a1ff; --c5: #67d5e3; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--back); color: var(--text); font: 15px/1.5 system-ui, sans-serif; }
header, main { max-width: 1360px; margin: 0 auto; padding: 0 24px; }
header { padding-top: 32px; }
h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 20px; margin: 0 0 4px; }
.score { margin: 0; color: var(--soft); }
.score b { color: var(--text); }
nav { display: flex; gap: 16px; flex-wrap: wrap; margin: 12px 0 0; }
nav a { color: var(--c0); text-decoration: none; }
nav a:hover { text-decoration: underline; }
section { background: var(--card); border: 1px solid var(--rule); border-radius: 10px; padding: 20px 24px; margin: 20px 0; }
.machine { color: var(--soft); font-size: 13px; margin: 0 0 14px; }
.warning { color: var(--warn); margin: 0 0 14px; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; color: var(--soft); font-size: 13px; }
th, td { padding: 6px 18px 6px 0; border-bottom: 1px solid var(--rule); vertical-align: top; }
th:not(:first-child), td:not(:first-child) { white-space: nowrap; }
td:first-child { min-width: 260px; }
.yes, .no { font-weight: 600; }
.yes { color: var(--good); }
.no { color: var(--bad); }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 480px), 1fr)); gap: 20px 28px; margin-top: 20px; }
.plots:empty { display: none; }
figure { margin: 0; }
figcaption { font-weight: 600; }
.legend { display: flex; flex-wrap: wrap; gap: 2px 16px; font-size: 13px; color: var(--soft); margin: 2px 0 4px; }
.legend span { display: inline-flex; align-items: center; gap: 6px; }
.legend i { width: 14px; height: 3px; border-radius: 2px; background: currentColor; }
svg { width: 100%; height: auto; display: block; color: var(--soft); }
svg text { fill: var(--soft); font-size: 12px; }
.c0 { color: var(--c0); } .c1 { color: var(--c1); } .c2 { color: var(--c2); }
.c3 { color: var(--c3); } .c4 { color: var(--c4); } .c5 { color: var(--c5); }
ul { margin: 16px 0 0; padding-left: 18px; color: var(--soft); font-size: 14px; max-width: 110ch; }
`;
