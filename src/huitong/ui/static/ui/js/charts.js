// Draws <c-chart>: bars in the theme's colours; each opens its list. Without it the table beneath stands open. ES2020.
"use strict";
(() => {
  if (!window.echarts) return;
  const root = document.documentElement;
  const TONES = { neutral: "--calm", info: "--act", success: "--good", warning: "--near", danger: "--late" };
  const ROW = 30;
  const colour = (name) => getComputedStyle(root).getPropertyValue(name).trim();
  const rem = () => parseFloat(getComputedStyle(root).fontSize);

  const option = (title, data) => {
    const text = { color: colour("--ink"), fontFamily: getComputedStyle(document.body).fontFamily, fontSize: 0.8125 * rem() };
    const names = {
      type: "category", data: data.points.map((point) => point.label), inverse: !data.days, axisTick: { show: false },
      axisLine: { lineStyle: { color: colour("--line-2") } }, axisLabel: data.days ? { ...text, hideOverlap: true } : { ...text, interval: 0, width: 9.5 * rem(), overflow: "break" },
    };
    const numbers = {
      type: "value", minInterval: 1, axisLabel: data.days ? text : { show: false }, splitLine: { show: data.days, lineStyle: { color: colour("--line") } },
    };
    return {
      animation: false,
      aria: { enabled: true, label: { description: `${title}：${data.points.map((point) => `${point.label} ${point.value}${data.unit}`).join("，")}。下面的数据表可以逐项打开。` } },
      textStyle: text,
      grid: { left: 0, right: data.days ? 8 : 3.5 * rem(), top: data.days ? 12 : 0, bottom: 0, containLabel: true },
      tooltip: { renderMode: "richText", confine: true, textStyle: { fontFamily: text.fontFamily }, formatter: (one) => `${one.name}　${one.value}${data.unit}` },
      xAxis: data.days ? names : numbers,
      yAxis: data.days ? numbers : names,
      series: [{
        type: "bar", barMaxWidth: 16, label: { show: !data.days, position: "right", ...text },
        data: data.points.map((point) => ({ value: point.value, itemStyle: { color: colour(TONES[point.tone] || "--act") }, cursor: point.url ? "pointer" : "default" })),
      }],
    };
  };

  const draw = (figure) => {
    const data = JSON.parse(document.getElementById(figure.dataset.chart).textContent);
    const title = figure.querySelector("figcaption").textContent.trim();
    const box = figure.querySelector(".chart-canvas");
    box.hidden = false;
    const fit = () => { box.style.height = `${(data.days ? 9 * rem() : data.points.length * ROW * rem() / 16 + 4)}px`; };
    fit();
    const chart = window.echarts.init(box, null, { renderer: "canvas" });
    const show = () => { fit(); chart.resize(); chart.setOption(option(title, data), true); };
    show();
    chart.on("click", (event) => {
      const point = data.points[event.dataIndex];
      if (point && point.url) location.assign(point.url);
    });
    figure.querySelector("details").open = false;
    new MutationObserver(show).observe(root, { attributes: true, attributeFilter: ["class"] }); // size of letters, contrast
    window.addEventListener("resize", () => chart.resize());
  };
  document.querySelectorAll("[data-chart]").forEach(draw);
})();
