using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Microsoft.ML.Diffusion.Benchmarks;

/// <summary>Makes TorchSharp's modules, registers them with their network and notes their parameters under the library's names.</summary>
internal sealed class BaselineLayers(nn.Module network)
{
    private readonly Dictionary<string, Parameter> _named = [];

    public IReadOnlyDictionary<string, Parameter> Named => _named;

    public Conv2d Conv(string name, int from, int to, int kernel, int stride = 1)
    {
        var layer = nn.Conv2d(from, to, kernel, stride, kernel / 2);
        return Add(name, layer, layer.weight, layer.bias);
    }

    public Linear Linear(string name, int from, int to)
    {
        var layer = nn.Linear(from, to);
        return Add(name, layer, layer.weight, layer.bias);
    }

    public Embedding Embedding(string name, int count, int width)
    {
        var layer = nn.Embedding(count, width);
        return Add(name, layer, layer.weight, null);
    }

    public GroupNorm GroupNorm(string name, int groups, int channels)
    {
        var layer = nn.GroupNorm(groups, channels);
        // TorchSharp leaves these two uninitialised.
        nn.init.ones_(layer.weight!);
        nn.init.zeros_(layer.bias!);
        return Add(name, layer, layer.weight, layer.bias);
    }

    private T Add<T>(string name, T layer, Parameter? weight, Parameter? bias)
        where T : nn.Module
    {
        network.register_module(name.Replace('.', '_'), layer);
        _named[name + ".weight"] = weight!;
        if (bias is not null)
            _named[name + ".bias"] = bias;
        return layer;
    }
}
