"""Pictures out of the bytes of their files, with Pillow."""
import io
import math
import sys

import torch

from .errors import Refused

# Of a picture's area, the smallest part that a training image shows, and how far from a square it may be
# (Szegedy et al. 2015, "Going deeper with convolutions", section 6).
SMALLEST_PART = 0.08
WIDEST = 4 / 3
# Of the shorter side, what is seen in validation (the usual 224 of 256).
MIDDLE = 0.875
# Whatever a file's name says: for others Pillow starts programs, such as Ghostscript for EPS.
FORMATS = ('JPEG', 'PNG', 'WEBP')
# EXIF's.
ORIENTATION, UPRIGHT = 0x0112, 1


def decoder():
    """The function that decodes; raises Refused where there is no Pillow."""
    try:
        from PIL import Image, ImageOps
    except ImportError as error:
        raise Refused(
            '%s has no Pillow (%s)' % (sys.executable, error),
            'the package Pillow, to decode images while training',
            'apt install python3-pil, or pip install pillow, or name another Python with --python PATH',
        )

    def decode(content, size, chances):
        """
        Bytes [height, width, 3] of an image: of a part that five numbers in [0, 1) choose, or of its middle where there
        are none.
        """
        height, width = size
        with Image.open(io.BytesIO(content), formats=FORMATS) as image:
            upright = image.getexif().get(ORIENTATION, UPRIGHT) == UPRIGHT
            full = image.size
            if upright and image.format == 'JPEG':
                box = box_of(full, size, chances)
                # A JPEG decodes to a half, quarter or eighth of its size for less; never to fewer pixels than wanted.
                scale = max(width / (box[2] - box[0]), height / (box[3] - box[1]))
                image.draft('RGB', (math.ceil(full[0] * scale), math.ceil(full[1] * scale)))
            elif not upright:
                image = ImageOps.exif_transpose(image)
                full = image.size
            image = as_rgb(Image, image)
        box = box_of(full, size, chances)
        across, down = image.size[0] / full[0], image.size[1] / full[1]
        box = (
            box[0] * across,
            box[1] * down,
            min(box[2] * across, image.size[0]),
            min(box[3] * down, image.size[1]),
        )
        image = image.resize((width, height), Image.BILINEAR, box=box)
        if chances is not None and chances[4] < 0.5:
            image = image.transpose(Image.FLIP_LEFT_RIGHT)
        return torch.frombuffer(bytearray(image.tobytes()), dtype=torch.uint8).view(height, width, 3)

    return decode


def as_rgb(Image, image):
    """On black where it is transparent, as the host decodes."""
    if image.mode in ('RGBA', 'LA', 'PA') or 'transparency' in image.info:
        image = image.convert('RGBA')
        black = Image.new('RGBA', image.size, (0, 0, 0, 255))
        return Image.alpha_composite(black, image).convert('RGB')
    if image.mode.startswith('I'):
        # 16 bits of grey, of which eight are kept.
        return image.convert('I').point(lambda value: value * (1 / 256)).convert('L').convert('RGB')
    return image.convert('RGB')


def box_of(full, size, chances):
    """(left, upper, right, lower) of the part of a picture, width first, that becomes an image of a size."""
    width, height = full
    if chances is None:
        # As large as fits with the shape of the image, and of that the middle.
        scale = MIDDLE * min(width / size[1], height / size[0])
        across, down = scale * size[1], scale * size[0]
        return ((width - across) / 2, (height - down) / 2, (width + across) / 2, (height + down) / 2)
    area = width * height * (SMALLEST_PART + (1 - SMALLEST_PART) * chances[0])
    # Between 1 / WIDEST and WIDEST, and such that it fits.
    shape = math.exp(math.log(WIDEST) * (2 * chances[1] - 1)) * size[1] / size[0]
    shape = min(max(shape, area / height ** 2), width ** 2 / area)
    across, down = min(width, math.sqrt(area * shape)), min(height, math.sqrt(area / shape))
    left, upper = chances[2] * (width - across), chances[3] * (height - down)
    return (left, upper, left + across, upper + down)
