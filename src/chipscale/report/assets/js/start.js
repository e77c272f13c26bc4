// Start everything once the page is there; a viewer that fails leaves the rest of the report usable.
CS.ready(() => {
  document.documentElement.classList.add("scripted");
  [CS.startTheme, CS.startContents, CS.startTables, CS.startLayout, CS.startModel, CS.startFilm].forEach((start) => {
    try {
      start();
    } catch (error) {
      console.error(error);
    }
  });
});
