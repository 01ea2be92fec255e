// The moments in which acts can be undone: the seconds of each run down, then its line says that it stands. The server decides.
"use strict";
(() => {
  document.querySelectorAll("form[data-undo]").forEach((bar) => {
    const ends = Date.now() + Number(bar.dataset.undo) * 1000;
    const words = bar.querySelector("[data-undo-words]");
    bar.querySelector("[role=status]").setAttribute("aria-live", "off"); // a number each second is noise
    const tick = () => {
      const left = Math.ceil((ends - Date.now()) / 1000);
      if (left > 0) {
        words.textContent = `${left} 秒内可撤销，此前不通知任何人。`;
        setTimeout(tick, 250);
        return;
      }
      words.textContent = "已通知有关人员。";
      const button = bar.querySelector("[data-undo-button]");
      if (button === document.activeElement) document.getElementById("main").focus();
      button.remove();
    };
    tick();
  });
})();
