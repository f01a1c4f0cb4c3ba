using System.Text.Json.Nodes;

namespace Microsoft.ML.Diffusion;

/// <summary>The denoising networks of diffusers that the library has, by the names of their classes. A new one is a line in both lists.</summary>
internal static class DiffusersNetworks
{
    private static readonly (string ClassName, Func<DiffusersOptions, Network> Read)[] Readers =
    [
        (UNetConfig.Unconditional, config => UNetConfig.Read(config, isConditional: false)),
        (UNetConfig.Conditional, config => UNetConfig.Read(config, isConditional: true)),
        (DiTConfig.General, config => DiTConfig.Read(config, isGeneral: true)),
        (DiTConfig.Own, config => DiTConfig.Read(config, isGeneral: false)),
    ];

    private static readonly (Type Network, string Part, Func<Network, DataShape, ConditionLayout, JsonObject> Write)[] Writers =
    [
        (typeof(DiffusersUNet), "unet", (network, shape, conditions) => UNetConfig.Write((DiffusersUNet)network, shape, conditions)),
        (typeof(DiT), "transformer", (network, shape, conditions) => DiTConfig.Write((DiT)network, shape, conditions)),
    ];

    /// <summary>The network of a config.json.</summary>
    /// <exception cref="NotSupportedException">The class, an option or a word has no counterpart; names it.</exception>
    public static Network Read(DiffusersOptions config)
    {
        var read = config.Choice("_class_name", "", Readers);
        // What is saved of a moving average of weights (EMAModel) says how they were averaged.
        config.Ignore("decay", "inv_gamma", "min_decay", "optimization_step", "power", "update_after_step", "use_ema_warmup");
        return config.Of(() => read(config));
    }

    /// <summary>The options of a network.</summary>
    /// <exception cref="NotSupportedException">diffusers has no counterpart; says which networks have.</exception>
    public static JsonObject Write(Network network, DataShape shape, ConditionLayout conditions) => WriterOf(network).Write(network, shape, conditions);

    /// <summary>The folder of a network.</summary>
    public static string PartOf(Network network) => WriterOf(network).Part;

    private static (Type Network, string Part, Func<Network, DataShape, ConditionLayout, JsonObject> Write) WriterOf(Network network)
    {
        foreach (var writer in Writers)
            if (writer.Network == network.GetType())
                return writer;
        throw new NotSupportedException($"A network of {network.GetType().Name} is not saved as a folder of diffusers; these are: {string.Join(", ", Writers.Select(writer => writer.Network.Name))}. Train one of these; the weights alone are saved by SaveWeights.");
    }
}
