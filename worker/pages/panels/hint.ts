/** The style sheet shows a hint on hover and focus; Escape puts it away until the next time (WCAG 1.4.13). */
export function enableHints(): void {
  for (const hint of document.querySelectorAll(".hint")) {
    hint.addEventListener("keydown", (event) => {
      if (event instanceof KeyboardEvent && event.key === "Escape") hint.setAttribute("data-dismissed", "");
    });
    const offerAgain = (): void => hint.removeAttribute("data-dismissed");
    hint.addEventListener("pointerleave", offerAgain);
    hint.addEventListener("focusout", offerAgain);
  }
}
