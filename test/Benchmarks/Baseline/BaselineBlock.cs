using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>A residual block of <see cref="BaselineUNet"/>, with attention behind it where the level attends.</summary>
internal sealed class BaselineBlock
{
    private readonly int _heads;
    private readonly GroupNorm _norm1;
    private readonly Conv2d _conv1;
    private readonly Linear _modulation;
    private readonly GroupNorm _norm2;
    private readonly Conv2d _conv2;
    private readonly Conv2d? _shortcut;
    private readonly GroupNorm? _normAttention;
    private readonly Linear[] _attention = [];

    public BaselineBlock(BaselineLayers layers, UNet shape, string place, int index, int from, int to, bool attends)
    {
        string name = $"{place}.resnets.{index}";
        _norm1 = layers.GroupNorm(name + ".norm1", shape.Groups, from);
        _conv1 = layers.Conv(name + ".conv1", from, to, 3);
        _modulation = layers.Linear(name + ".time_emb_proj", 4 * shape.Channels, 2 * to);
        _norm2 = layers.GroupNorm(name + ".norm2", shape.Groups, to);
        _conv2 = layers.Conv(name + ".conv2", to, to, 3);
        _shortcut = from == to ? null : layers.Conv(name + ".conv_shortcut", from, to, 1);
        _heads = to / shape.HeadChannels;
        if (!attends)
            return;
        name = $"{place}.attentions.{index}";
        _normAttention = layers.GroupNorm(name + ".group_norm", shape.Groups, to);
        _attention = [.. new[] { "to_q", "to_k", "to_v", "to_out.0" }.Select(part => layers.Linear($"{name}.{part}", to, to))];
    }

    public Tensor Forward(Tensor x, Tensor embedding)
    {
        var h = _conv1.call(F.silu(_norm1.call(x)));
        var modulation = _modulation.call(embedding).unsqueeze(2).unsqueeze(3).chunk(2, 1);
        h = _norm2.call(h) * (1 + modulation[0]) + modulation[1];
        h = _conv2.call(F.silu(h));
        h += _shortcut is null ? x : _shortcut.call(x);
        return _normAttention is null ? h : Attend(h);
    }

    private Tensor Attend(Tensor x)
    {
        long batch = x.size(0), channels = x.size(1), height = x.size(2), width = x.size(3);
        var tokens = _normAttention!.call(x).view(batch, channels, height * width).transpose(1, 2);
        var heads = _attention[..3].Select(part => part.call(tokens).view(batch, height * width, _heads, channels / _heads).transpose(1, 2)).ToArray();
        var attended = F.scaled_dot_product_attention(heads[0], heads[1], heads[2]).transpose(1, 2).reshape(batch, height * width, channels);
        return x + _attention[3].call(attended).transpose(1, 2).reshape(batch, channels, height, width);
    }
}
