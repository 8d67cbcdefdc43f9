// Connects fields and buttons to the functions that a method's own script puts on the window.
"use strict";

document.addEventListener("DOMContentLoaded", () => {
  const failure = document.querySelector("[data-key-error]");
  const call = (name, element) => {
    if (failure) {
      failure.hidden = true;
    }
    // Some functions are given what the browser is to be asked for, others find it in the form themselves.
    window[name](element.value ? JSON.parse(element.value) : undefined);
  };
  // A key that was made for a form with a gap would be lost: what its method needs is filled in first.
  const isFilledIn = (button) => {
    const { group } = button.dataset;
    const isWhole = "whole" in button.form.dataset;
    const needed = [...button.form.querySelectorAll("input[data-group]")].filter(
      (field) => field.dataset.group === group || (isWhole && field.dataset.group === "default" && field.required),
    );
    return needed.every((field) => {
      field.required = true;
      return field.reportValidity();
    });
  };
  let canUseKeys = false;
  for (const button of document.querySelectorAll("[data-onclick]")) {
    if (window.PublicKeyCredential && typeof window[button.dataset.onclick] === "function") {
      canUseKeys = true;
      button.hidden = false;
      button.addEventListener("click", () => isFilledIn(button) && call(button.dataset.onclick, button));
    }
  }
  for (const note of document.querySelectorAll("[data-script-needed]")) {
    note.hidden = canUseKeys || !document.querySelector("[data-onclick]");
  }
  for (const element of document.querySelectorAll("[data-onload]")) {
    if (typeof window[element.dataset.onload] === "function") {
      call(element.dataset.onload, element);
    }
  }
  window.addEventListener("webauthn-error", () => {
    if (failure) {
      failure.hidden = false;
    }
  });
  const wrong = document.querySelector("[aria-invalid='true']");
  if (wrong) {
    wrong.focus();
  }
});
