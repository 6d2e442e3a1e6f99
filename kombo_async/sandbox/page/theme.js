// Not a module: it runs before the page is painted, so that a chosen theme does not flash.
"use strict";
const THEME_KEY = "kombo-sandbox-theme";
const chosenTheme = localStorage.getItem(THEME_KEY);
if (chosenTheme === "light" || chosenTheme === "dark") document.documentElement.dataset.theme = chosenTheme;
