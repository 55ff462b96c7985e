import { fileName, saveFile } from '../parts/save-file.ts';

/** What the page's styles give a drawing and a file of its own has to carry. */
const CARRIED = [
  ...[
    'fill',
    'fill-opacity',
    'stroke',
    'stroke-width',
    'stroke-dasharray',
    'stroke-opacity',
    'stroke-linecap',
  ],
  ...[
    'opacity',
    'font-size',
    'font-family',
    'font-weight',
    'text-anchor',
    'paint-order',
    'display',
    'visibility',
  ],
];
/** Twice the pixels of the drawing: sharp on a screen of today. */
const PNG_SCALE = 2;

export function saveSvg(name: string, drawing: SVGSVGElement): void {
  saveFile(`${fileName(name)}.svg`, new Blob([svgText(drawing)], { type: 'image/svg+xml' }));
}

export async function savePng(name: string, drawing: SVGSVGElement): Promise<void> {
  const image = new Image();
  const url = URL.createObjectURL(new Blob([svgText(drawing)], { type: 'image/svg+xml' }));
  try {
    image.src = url;
    await image.decode();
    const canvas = document.createElement('canvas');
    canvas.width = PNG_SCALE * drawing.clientWidth;
    canvas.height = PNG_SCALE * drawing.clientHeight;
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height);
    const png = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/png'));
    if (png !== null) saveFile(`${fileName(name)}.png`, png);
  } finally {
    URL.revokeObjectURL(url);
  }
}

/** A drawing as a document of its own: on the ground of the page, its styles as attributes, without what only acts. */
function svgText(drawing: SVGSVGElement): string {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  const originals = [drawing, ...drawing.querySelectorAll<SVGElement>('*')];
  const copies = [copy, ...copy.querySelectorAll<SVGElement>('*')];
  originals.forEach((original, i) => {
    const style = getComputedStyle(original);
    for (const property of CARRIED) {
      copies[i]?.setAttribute(property, style.getPropertyValue(property));
    }
    for (const attribute of ['class', 'style', 'tabindex', 'href', 'role'])
      copies[i]?.removeAttribute(attribute);
  });
  const { clientWidth: width, clientHeight: height } = drawing;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  copy.setAttribute('viewBox', `0 0 ${width} ${height}`);
  const ground = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  ground.setAttribute('width', '100%');
  ground.setAttribute('height', '100%');
  ground.setAttribute('fill', getComputedStyle(document.body).backgroundColor);
  copy.prepend(ground);
  return new XMLSerializer().serializeToString(copy);
}
