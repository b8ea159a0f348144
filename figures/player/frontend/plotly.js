// Plotly.js, once a page load. Its address names its version, so a copy that the browser holds is as good as the
// server's, however old: `import` alone would fetch it anew with every page.

let loading = null;

export function loadPlotly(url) {
  loading ??= fetchModule(url).catch((error) => {
    loading = null; // the next film may try again
    throw error;
  });
  return loading;
}

async function fetchModule(url) {
  const answer = await fetch(url, { cache: "force-cache" });
  if (!answer.ok) throw new Error(`Plotly.js was not served (${answer.status})`);
  const address = URL.createObjectURL(new Blob([await answer.text()], { type: "text/javascript" }));
  try {
    return (await import(address)).default;
  } finally {
    URL.revokeObjectURL(address);
  }
}
