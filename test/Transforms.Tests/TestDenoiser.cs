using Microsoft.ML.Diffusion.Transforms;

namespace Microsoft.ML.Diffusion.Tests;

/// <summary>Stands in for a trainer: a small network with random weights, made in no time.</summary>
internal sealed class TestDenoiser(MLContext ml, string dataColumn, params string[] conditions) : IEstimator<DenoiserTransformer>
{
    public ConditionDropout? Dropout { get; init; }

    public UnknownValues UnknownValues { get; init; }

    public DenoiserTransformer Fit(IDataView input)
    {
        var info = ForwardProcessInfo.Find(input.Schema, dataColumn)
            ?? throw new InvalidOperationException($"No noise schedule for column '{dataColumn}'.");
        var columns = new DenoiserColumns(dataColumn, info.NoisedColumn, info.LevelColumn, conditions) { ConditionSources = KeySources.Of(input, conditions) };
        var layout = ConditionPacker.LayoutOf(input.Schema, conditions);
        return new DenoiserTransformer(ml, Model(info, layout, Dropout), columns, ViewSources.Schemas(input), UnknownValues);
    }

    public SchemaShape GetOutputSchema(SchemaShape inputSchema)
    {
        VectorReader.Check(inputSchema, dataColumn);
        ConditionPacker.Check(inputSchema, conditions);
        return Shapes.With(inputSchema, DenoiserHandle.ShapeOf("Denoiser", SlotNames.AreIn(inputSchema, dataColumn)), Shapes.Vector("Denoised", SlotNames.Shape(SlotNames.AreIn(inputSchema, dataColumn))));
    }

    public static DenoiserModel Model(ForwardProcessInfo info, ConditionLayout layout, ConditionDropout? dropout = null)
    {
        Network network = info.Shape.IsImage
            ? new UNet { Channels = 8, Groups = 4, HeadChannels = 4, Multipliers = [1], AttentionFactors = [] }
            : new ResidualMlp { Width = 16, Blocks = 1 };
        if (layout.Slots.OfType<TokensCondition>().Any())
            network = new TextConditionedNetwork(network, new TokenEncoder { Width = 8, Depth = 1, Heads = 2 });
        var inventory = network.ListParameters(info.Shape, layout);
        var parameters = FlatParameters.Allocate(inventory, TorchSharp.torch.CPU, Precision.Float32, trainable: false);
        for (int i = 0; i < inventory.Count; i++)
        {
            // Not the network's own start: its last layer starts at 0, and nothing would depend on anything.
            var values = new float[inventory[i].Count];
            RowNoise.FillNormal(values, 1, RowKey.FromName(inventory[i].Name), 0);
            for (int j = 0; j < values.Length; j++)
                values[j] *= 0.3f;
            parameters.Write(i, values);
        }
        parameters.PublishWeights();
        var parameterization = new EdmParameterization(info.DataScale);
        var spec = new DenoiserSpec(network, parameterization, info.Process, info.Codec, info.Shape, info.DataScale, layout, Dropout: dropout, SlotNames: info.SlotNames);
        return new DenoiserModel(spec, new NetworkDenoiser(network, info.Shape, parameterization, parameters, layout));
    }
}
