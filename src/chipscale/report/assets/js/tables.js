// Tables: sort by a column, filter by words.
CS.startTables = function () {
  document.querySelectorAll("table.sortable").forEach(CS.sortable);
  document.querySelectorAll(".filtered").forEach(CS.filterable);
};

CS.sortable = function (table) {
  const body = table.tBodies[0];
  const collate = new Intl.Collator("en", { numeric: true, sensitivity: "base" });
  const valueOf = (row, column) => {
    const cell = row.cells[column];
    const given = cell.dataset.sort;
    if (given !== undefined && given !== "" && isFinite(Number(given))) return Number(given);
    return given !== undefined ? given : cell.textContent.trim();
  };
  const compare = (a, b) => {
    if (typeof a === "number" && typeof b === "number") return a - b;
    if (typeof a !== typeof b) return typeof a === "number" ? -1 : 1;
    return collate.compare(a, b);
  };
  table.tHead.addEventListener("click", (event) => {
    const button = event.target.closest("button");
    if (!button) return;
    const head = button.closest("th");
    const up = head.getAttribute("aria-sort") !== "ascending";
    table.querySelectorAll("th[aria-sort]").forEach((other) => other.removeAttribute("aria-sort"));
    head.setAttribute("aria-sort", up ? "ascending" : "descending");
    const column = Number(button.dataset.col);
    const keyed = [...body.rows].map((row, index) => ({ row, index, value: valueOf(row, column) }));
    keyed.sort((a, b) => (up ? 1 : -1) * compare(a.value, b.value) || a.index - b.index);
    body.append(...keyed.map((item) => item.row));
  });
};

CS.filterable = function (box) {
  const input = box.querySelector("input.filter");
  const said = box.querySelector(".filter-count");
  const rows = [...box.querySelector("tbody").rows];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, index) => {
      row.hidden = !words.every((word) => texts[index].includes(word));
      if (!row.hidden) shown += 1;
    });
    said.textContent = shown === rows.length ? `${shown} rows` : `${shown} of ${rows.length} rows`;
  });
};
