namespace Microsoft.ML.Diffusion;

/// <summary>EDM's own files (NVlabs/edm), for <see cref="SongUNet"/> and <see cref="DhariwalUNet"/>: the network is the part <c>model</c> of its preconditioning, and filters are stored though they are known.</summary>
internal sealed class EdmWeightMap : WeightMap
{
    public override WeightSource SourceOf(NetworkParameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        return new WeightSource("model." + parameter.Name);
    }

    public override bool Ignores(string name) => name.EndsWith(".resample_filter", StringComparison.Ordinal);
}
