"""What the sources say: claims, their doubt, their origin, and yearly series drawn from them."""
