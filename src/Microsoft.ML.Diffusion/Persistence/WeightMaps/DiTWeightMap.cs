namespace Microsoft.ML.Diffusion;

/// <summary>
/// facebookresearch/DiT's and willisma/SiT's files for <see cref="DiT"/>: queries, keys and values lie in one tensor, one embedding serves all blocks, and positions are stored though they are
/// known.
/// </summary>
internal sealed class DiTWeightMap : WeightMap
{
    private static readonly (string Ours, string Theirs, int Part, int Parts)[] Layers =
    [
        ("norm1.emb.timestep_embedder.linear_1.", "t_embedder.mlp.0.", 0, 1),
        ("norm1.emb.timestep_embedder.linear_2.", "t_embedder.mlp.2.", 0, 1),
        ("norm1.emb.class_embedder.", "y_embedder.", 0, 1),
        ("norm1.linear.", "blocks.{0}.adaLN_modulation.1.", 0, 1),
        ("attn1.to_q.", "blocks.{0}.attn.qkv.", 0, 3),
        ("attn1.to_k.", "blocks.{0}.attn.qkv.", 1, 3),
        ("attn1.to_v.", "blocks.{0}.attn.qkv.", 2, 3),
        ("attn1.to_out.0.", "blocks.{0}.attn.proj.", 0, 1),
        ("ff.net.0.proj.", "blocks.{0}.mlp.fc1.", 0, 1),
        ("ff.net.2.", "blocks.{0}.mlp.fc2.", 0, 1),
    ];

    public override WeightSource SourceOf(NetworkParameter parameter)
    {
        ArgumentNullException.ThrowIfNull(parameter);
        string name = parameter.Name;
        if (name.StartsWith("transformer_blocks.", StringComparison.Ordinal))
        {
            string[] parts = name.Split('.', 3);
            foreach (var (ours, theirs, part, count) in Layers)
                if (parts[2].StartsWith(ours, StringComparison.Ordinal))
                    return new WeightSource(theirs.Replace("{0}", parts[1], StringComparison.Ordinal) + parts[2][ours.Length..], part, count);
            return new WeightSource(name);
        }
        return new WeightSource(name
            .Replace("pos_embed.proj.", "x_embedder.proj.", StringComparison.Ordinal)
            .Replace("proj_out_1.", "final_layer.adaLN_modulation.1.", StringComparison.Ordinal)
            .Replace("proj_out_2.", "final_layer.linear.", StringComparison.Ordinal));
    }

    public override bool Ignores(string name) => name == "pos_embed";
}
