namespace Microsoft.ML.Diffusion;

/// <summary>lucidrains/denoising-diffusion-pytorch's files for <see cref="LinearAttentionUNet"/>: the scale of a normalisation is called <c>g</c>.</summary>
internal sealed class LucidrainsWeightMap : WeightMap
{
    private const string Ours = ".weight", Theirs = ".g";

    public override WeightSource SourceOf(NetworkParameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        string name = parameter.Name;
        // The last layer of linear attention, to_out.1, is one too.
        bool isNorm = name.EndsWith(".norm" + Ours, StringComparison.Ordinal) || name.EndsWith(".to_out.1" + Ours, StringComparison.Ordinal);
        return new WeightSource(isNorm ? name[..^Ours.Length] + Theirs : name);
    }
}
