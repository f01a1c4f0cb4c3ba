namespace Microsoft.ML.Diffusion.Transforms;

/// <summary>What one pass over the data has shown.</summary>
/// <param name="Codec">The way to model space: the user's, or the one that suits the data.</param>
/// <param name="DataScale">σ_data, the standard deviation of the data in model space; positive.</param>
/// <param name="RowCount">The number of rows; at least 1.</param>
internal sealed record DataProfile(IDataCodec Codec, double DataScale, long RowCount);
