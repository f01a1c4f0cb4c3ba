#!/usr/bin/env python3
"""One training step of the benchmarks' U-Nets, as a script of PyTorch: what `training --device ... --network ...` is compared with.

The network is the library's UNet (Ho et al. 2020; Dhariwal and Nichol 2021): residual blocks with scale-shift conditioning, skips, attention at chosen sizes. The step is EDM's loss,
AdamW (fused where the device has it), clipping to norm 1 and a moving average of the weights. Variants: plain Float32, TF32, torch.compile, bf16 autocast, and both.
Prints images a second of each, and last one JSON line.
"""
import argparse
import json
import math
import time

import torch
import torch.nn.functional as F
from torch import nn

NETWORKS = {
    "cifar": dict(channels=128, multipliers=[1, 2, 2, 2], blocks=2, attention=[2], head=64, groups=32, shape=(3, 32, 32)),
    "small": dict(channels=32, multipliers=[1, 2, 2], blocks=2, attention=[4], head=32, groups=8, shape=(1, 28, 28)),
}
CLASSES = 10


class Residual(nn.Module):
    def __init__(self, inputs, outputs, embedding, groups):
        super().__init__()
        self.norm1, self.conv1 = nn.GroupNorm(groups, inputs), nn.Conv2d(inputs, outputs, 3, padding=1)
        self.time = nn.Linear(embedding, 2 * outputs)
        self.norm2, self.conv2 = nn.GroupNorm(groups, outputs), nn.Conv2d(outputs, outputs, 3, padding=1)
        self.shortcut = nn.Conv2d(inputs, outputs, 1) if inputs != outputs else nn.Identity()

    def forward(self, x, embedding):
        h = self.conv1(F.silu(self.norm1(x)))
        scale, shift = self.time(embedding)[:, :, None, None].chunk(2, 1)
        return self.shortcut(x) + self.conv2(F.silu(self.norm2(h) * (1 + scale) + shift))


class SelfAttention(nn.Module):
    def __init__(self, channels, head, groups):
        super().__init__()
        self.head, self.norm = head, nn.GroupNorm(groups, channels)
        self.q, self.k, self.v, self.out = (nn.Linear(channels, channels) for _ in range(4))

    def forward(self, x):
        b, c, height, width = x.shape
        tokens = self.norm(x).flatten(2).transpose(1, 2)
        q, k, v = (part(tokens).view(b, height * width, c // self.head, self.head).transpose(1, 2) for part in (self.q, self.k, self.v))
        h = F.scaled_dot_product_attention(q, k, v).transpose(1, 2).reshape(b, height * width, c)
        return x + self.out(h).transpose(1, 2).reshape(b, c, height, width)


class Block(nn.Module):
    def __init__(self, inputs, outputs, attends, embedding, head, groups):
        super().__init__()
        self.residual = Residual(inputs, outputs, embedding, groups)
        self.attention = SelfAttention(outputs, head, groups) if attends else nn.Identity()

    def forward(self, x, embedding):
        return self.attention(self.residual(x, embedding))


class UNet(nn.Module):
    def __init__(self, channels, multipliers, blocks, attention, head, groups, shape):
        super().__init__()
        self.width, embedding, levels = channels, 4 * channels, len(multipliers)
        self.time1, self.time2 = nn.Linear(channels, embedding), nn.Linear(embedding, embedding)
        self.classes = nn.Embedding(CLASSES + 1, embedding)
        self.conv_in = nn.Conv2d(shape[0], channels, 3, padding=1)
        self.register_buffer("frequencies", 30 * torch.exp(torch.arange(channels // 2) * (-math.log(10000) / (channels // 2 - 1))))
        make = lambda inputs, outputs, attends: Block(inputs, outputs, attends, embedding, head, groups)
        skips, at, self.down, self.downsamplers = [channels], channels, nn.ModuleList(), nn.ModuleList()
        for i, multiplier in enumerate(multipliers):
            level = nn.ModuleList()
            for _ in range(blocks):
                level.append(make(at, channels * multiplier, 1 << i in attention))
                at = channels * multiplier
                skips.append(at)
            self.down.append(level)
            if i < levels - 1:
                self.downsamplers.append(nn.Conv2d(at, at, 3, stride=2, padding=1))
                skips.append(at)
        self.middle = nn.ModuleList([make(at, at, True), make(at, at, False)])
        self.up, self.upsamplers = nn.ModuleList(), nn.ModuleList()
        for i in reversed(range(levels)):
            level = nn.ModuleList()
            for _ in range(blocks + 1):
                level.append(make(at + skips.pop(), channels * multipliers[i], 1 << i in attention))
                at = channels * multipliers[i]
            self.up.append(level)
            if i > 0:
                self.upsamplers.append(nn.Conv2d(at, at, 3, padding=1))
        self.norm_out, self.conv_out = nn.GroupNorm(groups, at), nn.Conv2d(at, shape[0], 3, padding=1)

    def forward(self, x, level, labels):
        angles = level[:, None] * self.frequencies
        embedding = self.time2(F.silu(self.time1(torch.cat([angles.sin(), angles.cos()], 1))))
        embedding = F.silu(embedding + self.classes(labels))
        h = self.conv_in(x)
        skips = [h]
        for i, level in enumerate(self.down):
            for block in level:
                h = block(h, embedding)
                skips.append(h)
            if i < len(self.downsamplers):
                h = self.downsamplers[i](h)
                skips.append(h)
        for block in self.middle:
            h = block(h, embedding)
        for i, level in enumerate(self.up):
            for block in level:
                h = block(torch.cat([h, skips.pop()], 1), embedding)
            if i < len(self.upsamplers):
                h = self.upsamplers[i](F.interpolate(h, size=skips[-1].shape[2:], mode="nearest"))
        return self.conv_out(F.silu(self.norm_out(h)))


def images_per_second(setting, arguments, tf32, compiled, autocast):
    device = torch.device(arguments.device)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = tf32
    torch.manual_seed(1)
    network = UNet(**setting).to(device)
    parameters = list(network.parameters())
    averages = [parameter.detach().clone() for parameter in parameters]
    optimizer = torch.optim.AdamW(parameters, 1e-4, weight_decay=0, **({"fused": True} if device.type == "cuda" else {}))
    run = torch.compile(network) if compiled else network
    data = torch.randn(1024, *setting["shape"])
    labels = torch.arange(1024) % CLASSES + 1
    if device.type == "cuda":
        data, labels = data.pin_memory(), labels.pin_memory()

    def step():
        rows = torch.randint(0, 1024, (arguments.batch,))
        x0, y = data[rows].to(device, non_blocking=True), labels[rows].to(device, non_blocking=True)
        optimizer.zero_grad(set_to_none=True)
        sigma = (torch.randn(arguments.batch, 1, 1, 1, device=device) * 1.2 - 1.2).exp()
        x = x0 + sigma * torch.randn_like(x0)
        deviation = (sigma**2 + 0.25).sqrt()
        with torch.autocast(device.type, torch.bfloat16, enabled=autocast):
            answer = run(x / deviation, sigma.log().flatten() / 4, y)
        target = (x0 - 0.25 / deviation**2 * x) / (sigma * 0.5 / deviation)
        loss = F.mse_loss(answer.float(), target)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 1.0)
        optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(averages, parameters, 0.001)
        return loss.item()

    for _ in range(10):
        step()
    start = time.perf_counter()
    for _ in range(arguments.steps):
        step()
    speed = arguments.batch * arguments.steps / (time.perf_counter() - start)
    return speed, sum(parameter.numel() for parameter in parameters)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--network", choices=NETWORKS, default="cifar")
    parser.add_argument("--device", default="cuda")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=50)
    arguments = parser.parse_args()
    variants = {"plain": (False, False, False), "tf32": (True, False, False), "compile": (True, True, False), "bf16": (True, False, True), "bf16_compile": (True, True, True)}
    if arguments.device == "cpu":
        del variants["tf32"]
    figures = {}
    for name, variant in variants.items():
        try:
            figures[name], count = images_per_second(NETWORKS[arguments.network], arguments, *variant)
            print(f"  reference, {name}: {count:,} parameters, batch {arguments.batch}, {figures[name]:,.0f} images/s", flush=True)
        except Exception as error:  # torch.compile needs a compiler that the machine may lack
            print(f"  reference, {name}: not here ({type(error).__name__}: {str(error).splitlines()[0]})", flush=True)
    print(json.dumps({"benchmark": "train_step", "figures": figures}))


if __name__ == "__main__":
    main()
