/** Without `@import` and in a constructed sheet, which no Content-Security-Policy stops. Colours are the page's own. */
export const STYLE = `
:host { display: block; min-height: var(--tidemark-recs-height, 19rem); text-align: start; }
:host([hidden]) { display: block; visibility: hidden; }
section { outline: 0; }
h2 { font: inherit; font-size: 1.25em; font-weight: 600; line-height: 1.25; margin: 0 0 .75rem; }
ul {
  display: grid; grid-auto-flow: column; grid-auto-columns: var(--tidemark-recs-item-width, 10rem);
  justify-content: start; gap: var(--tidemark-recs-gap, 1rem); list-style: none;
  margin: -4px; padding: 4px; overflow-x: auto; overscroll-behavior-x: contain; scrollbar-width: thin;
}
li, .waiting { min-width: 0; }
.waiting { visibility: hidden; }
.waiting > span { display: block; }
a { display: block; color: inherit; text-decoration: none; border-radius: .5rem; }
a:focus-visible { outline: 2px solid; outline-offset: 2px; }
a:hover .name { text-decoration: underline; }
.image { display: block; width: 100%; height: auto; aspect-ratio: 1; object-fit: cover; border-radius: .5rem; background: rgb(127 127 127 / .12); }
.name { display: -webkit-box; -webkit-box-orient: vertical; -webkit-line-clamp: 2; overflow: hidden; margin-top: .5rem; line-height: 1.3; overflow-wrap: anywhere; }
.waiting .name { height: 2.6em; }
.price { display: block; margin-top: .25rem; min-height: 1.3em; line-height: 1.3; font-weight: 600; }
@media (prefers-reduced-motion: no-preference) {
  li { animation: appear .2s; }
  @keyframes appear { from { opacity: 0; } }
}
`;
