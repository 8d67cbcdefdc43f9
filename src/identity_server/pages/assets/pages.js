// Connects fields and buttons to the functions that a method's own script puts on the window.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  for (const button of document.querySelectorAll("[data-onclick]")) {
    button.addEventListener("click", (event) => {
      const call = window[button.dataset.onclick];
      if (typeof call === "function") {
        event.preventDefault();
        call(button);
      }
    });
  }
  for (const element of document.querySelectorAll("[data-onload]")) {
    const call = window[element.dataset.onload];
    if (typeof call === "function") {
      call(element);
    }
  }
  const wrong = document.querySelector("[aria-invalid='true']");
  if (wrong) {
    wrong.focus();
  }
});
