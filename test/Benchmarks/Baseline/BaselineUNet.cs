using TorchSharp.Modules;
using static TorchSharp.torch;
using F = TorchSharp.torch.nn.functional;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>
/// The same network as <see cref="UNet"/>, as a competent TorchSharp user writes it: plain modules, called eagerly. The benchmarks copy
/// the weights across and check that both answer alike before they compare times.
/// </summary>
internal sealed class BaselineUNet : nn.Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly UNet _shape;
    private readonly Tensor _frequencies;
    private readonly Linear _time1;
    private readonly Linear _time2;
    private readonly Embedding _classes;
    private readonly Conv2d _convIn;
    private readonly List<List<BaselineBlock>> _down = [];
    private readonly List<Conv2d> _downsamplers = [];
    private readonly BaselineBlock[] _middle;
    private readonly List<List<BaselineBlock>> _up = [];
    private readonly List<Conv2d> _upsamplers = [];
    private readonly GroupNorm _normOut;
    private readonly Conv2d _convOut;

    public BaselineUNet(UNet shape, int channels, int classes)
        : base(nameof(BaselineUNet))
    {
        _shape = shape;
        int width = shape.Channels, embedding = 4 * width, levels = shape.Multipliers.Count;
        var layers = new BaselineLayers(this);
        using (NewDisposeScope())
            _frequencies = (30 * exp(arange(width / 2, ScalarType.Float32) * (-Math.Log(10000) / (width / 2 - 1)))).MoveToOuterDisposeScope();
        _time1 = layers.Linear("time_embedding.linear_1", width, embedding);
        _time2 = layers.Linear("time_embedding.linear_2", embedding, embedding);
        _classes = layers.Embedding("condition_embedding.0", classes + 1, embedding);
        _convIn = layers.Conv("conv_in", channels, width, 3);
        var skips = new Stack<int>([width]);
        int at = width;
        for (int i = 0; i < levels; i++)
        {
            bool attends = shape.AttentionFactors.Contains(1 << i);
            _down.Add([]);
            for (int j = 0; j < shape.BlocksPerLevel; j++)
            {
                int next = width * shape.Multipliers[i];
                _down[i].Add(new BaselineBlock(layers, shape, $"down_blocks.{i}", j, at, next, attends));
                skips.Push(at = next);
            }
            if (i == levels - 1)
                break;
            _downsamplers.Add(layers.Conv($"down_blocks.{i}.downsamplers.0.conv", at, at, 3, 2));
            skips.Push(at);
        }
        _middle = [new(layers, shape, "mid_block", 0, at, at, shape.MiddleAttention), new(layers, shape, "mid_block", 1, at, at, false)];
        for (int i = 0; i < levels; i++)
        {
            int from = levels - 1 - i;
            _up.Add([]);
            for (int j = 0; j <= shape.BlocksPerLevel; j++)
            {
                int next = width * shape.Multipliers[from];
                _up[i].Add(new BaselineBlock(layers, shape, $"up_blocks.{i}", j, at + skips.Pop(), next, shape.AttentionFactors.Contains(1 << from)));
                at = next;
            }
            if (from > 0)
                _upsamplers.Add(layers.Conv($"up_blocks.{i}.upsamplers.0.conv", at, at, 3));
        }
        _normOut = layers.GroupNorm("conv_norm_out", shape.Groups, at);
        _convOut = layers.Conv("conv_out", at, channels, 3);
        Named = layers.Named;
    }

    /// <summary>The parameters under the library's names.</summary>
    public IReadOnlyDictionary<string, Parameter> Named { get; }

    /// <inheritdoc/>
    public override Tensor forward(Tensor x, Tensor level, Tensor label)
    {
        var angles = level.unsqueeze(1) * _frequencies;
        var features = cat([angles.sin(), angles.cos()], 1);
        var embedding = F.silu(_time2.call(F.silu(_time1.call(features))) + _classes.call(label));
        var h = _convIn.call(x);
        var skips = new Stack<Tensor>([h]);
        for (int i = 0; i < _down.Count; i++)
        {
            foreach (var block in _down[i])
                skips.Push(h = block.Forward(h, embedding));
            if (i < _downsamplers.Count)
                skips.Push(h = _downsamplers[i].call(h));
        }
        foreach (var block in _middle)
            h = block.Forward(h, embedding);
        for (int i = 0; i < _up.Count; i++)
        {
            foreach (var block in _up[i])
                h = block.Forward(cat([h, skips.Pop()], 1), embedding);
            if (i < _upsamplers.Count)
                h = _upsamplers[i].call(F.interpolate(h, size: [skips.Peek().size(2), skips.Peek().size(3)], mode: InterpolationMode.Nearest));
        }
        return _convOut.call(F.silu(_normOut.call(h)));
    }
}
